using System.Buffers;
using System.Net.Sockets;
using System.Security.Cryptography;
using Belljar.Contracts;
using Belljar.Egress.Policy;
using Belljar.Egress.Scanning;
using Belljar.Egress.Secrets;
using Belljar.Protocols.WebSocket;

namespace Belljar.Egress.Gate;

/// <summary>
/// Both directions of a WebSocket after its handshake. Frames are read and written anew: what the agent sends is held and
/// scanned message by message, what the host sends is covered where it echoes the credential. No extension was agreed on,
/// so a message may be cut into other fragments on the way (RFC 6455 §5.4).
/// </summary>
internal sealed class WebSocketRelay(IWire client, IWire upstream, Deadline deadline, GateParts gate, RouteTable routes, RoutePolicy policy, Exchange exchange)
{
    private const int LongestControl = 125;

    private readonly Findings _findings = new(gate.Recorder, exchange, policy.Route.Scan);

    public Task RunAsync()
    {
        deadline.Set(gate.Limits.Tunnel);
        return Task.WhenAll(
            RelayAsync(client, upstream, new Direction(fromClient: true, policy.Scanner is { } scanner ? () => new HeldStream(scanner, policy.Route.Scan) : null, null)),
            RelayAsync(upstream, client, new Direction(fromClient: false, null, policy.Echoes is { } echoes ? new EchoMask(echoes) : null)));
    }

    private async Task RelayAsync(IWire from, IWire to, Direction direction)
    {
        try
        {
            while (true)
            {
                if (Collect(from, direction) is { } problem)
                {
                    exchange.Failure = problem;
                    break;
                }

                if (direction.Output.WrittenCount > 0)
                {
                    await to.SendAsync(direction.Output.WrittenMemory, CancellationToken.None);
                    direction.Output.ResetWrittenCount();
                    deadline.Set(gate.Limits.Tunnel);
                }

                if (!await from.FillAsync(CancellationToken.None))
                {
                    await to.EndSendingAsync();
                    return;
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Below.
        }

        // One direction broke, or was stopped: there is no half of it.
        from.Abort();
        to.Abort();
    }

    /// <returns>Why the connection ends here; null while it goes on.</returns>
    private string? Collect(IWire from, Direction direction)
    {
        while (true)
        {
            var status = direction.Reader.Read(from.Available.Span, out var consumed, out var payload);
            var problem = status switch
            {
                WebSocketFrameStatus.Refused => Refuse(direction),
                WebSocketFrameStatus.Payload => Payload(direction, payload),
                WebSocketFrameStatus.End => End(direction),
                _ => null,
            };
            from.Consume(consumed);
            if (problem is not null || status is WebSocketFrameStatus.NeedsMore)
            {
                return problem;
            }
        }
    }

    private string Refuse(Direction direction)
    {
        var reason = direction.Reader.Refusal.Describe();
        if (direction.FromClient)
        {
            exchange.Decision = Decision.Deny($"malformed:{direction.Reader.Refusal}", reason);
        }

        return $"the {(direction.FromClient ? "client" : "host")} broke the WebSocket protocol: {reason}";
    }

    private string? Payload(Direction direction, ReadOnlySpan<byte> masked)
    {
        var frame = direction.Reader.Frame;
        var payload = direction.Unmask(masked);
        if (!direction.FromClient)
        {
            exchange.Down(payload.Length);
        }
        else
        {
            exchange.Up(payload.Length);
            if (!gate.Budgets.TrySpend(routes, policy, payload.Length))
            {
                return Deny(Decision.Deny("budget", "the session has sent what it may send"));
            }
        }

        if (frame.IsControl)
        {
            direction.Control.Write(payload);
            return null;
        }

        if (direction.Held() is { } held)
        {
            var released = held.Append(payload);
            Write(direction, released, isFinal: false);
            return Judge(direction, held);
        }

        Write(direction, direction.Mask is { } mask ? mask.Append(payload) : payload, isFinal: false);
        return null;
    }

    private string? End(Direction direction)
    {
        var frame = direction.Reader.Frame;
        if (frame.IsControl)
        {
            return EndControl(direction, frame.Opcode);
        }

        direction.Begin(frame.Opcode);
        if (!frame.IsFinal)
        {
            return null;
        }

        if (direction.Held() is { } held)
        {
            var rest = held.End();
            if (Judge(direction, held) is { } denied)
            {
                return denied;
            }

            Write(direction, rest, isFinal: true);
        }
        else
        {
            Write(direction, direction.Mask is { } mask ? mask.End() : [], isFinal: true);
        }

        direction.EndMessage();
        return null;
    }

    /// <summary>A ping or a close reason can carry data out as well as a message can.</summary>
    private string? EndControl(Direction direction, WebSocketOpcode opcode)
    {
        var payload = direction.Control.WrittenSpan;
        if (direction.FromClient && policy.Scanner is { } scanner)
        {
            var found = new List<ContentFinding>();
            using var scan = scanner.Begin();
            scan.Append(payload, found);
            scan.End(found);
            foreach (var finding in found)
            {
                if (_findings.Judge("message", finding, isCovered: false) is { } denied)
                {
                    return Deny(denied);
                }
            }
        }

        Span<byte> copy = stackalloc byte[LongestControl];
        payload.CopyTo(copy);
        direction.Mask?.Cover(copy[..payload.Length]);
        FrameWriter.Write(direction.Output, opcode, isFinal: true, copy[..payload.Length], direction.NewMask());
        direction.Control.ResetWrittenCount();
        return null;
    }

    private static void Write(Direction direction, ReadOnlySpan<byte> payload, bool isFinal)
    {
        if (!payload.IsEmpty || isFinal)
        {
            FrameWriter.Write(direction.Output, direction.NextOpcode(), isFinal, payload, direction.NewMask());
        }
    }

    private string? Judge(Direction direction, HeldStream held)
    {
        if (held.IsExhausted && policy.Route.Scan is not RouteScan.Alert)
        {
            return Deny(Decision.Deny("scan-budget", "the message is more than the gate can look through"));
        }

        while (direction.Seen < held.Findings.Count)
        {
            if (_findings.Judge("message", held.Findings[direction.Seen++], isCovered: policy.Route.Scan is RouteScan.Redact) is { } denied)
            {
                return Deny(denied);
            }
        }

        return null;
    }

    private string Deny(Decision denied)
    {
        exchange.Decision = denied;
        return denied.Reason;
    }

    /// <summary>One direction's state.</summary>
    private sealed class Direction(bool fromClient, Func<HeldStream>? hold, EchoMask? mask)
    {
        private byte[] _payload = [];
        private HeldStream? _held;
        private WebSocketOpcode _opcode;
        private bool _hasBegun;

        public bool FromClient => fromClient;

        public FrameReader Reader { get; } = new(fromClient);

        public ArrayBufferWriter<byte> Output { get; } = new();

        public ArrayBufferWriter<byte> Control { get; } = new(LongestControl);

        public EchoMask? Mask => mask;

        /// <summary>How many findings of the present message were judged.</summary>
        public int Seen { get; set; }

        /// <summary>What holds the present message; null when nobody looks.</summary>
        public HeldStream? Held() => _held ??= hold?.Invoke();

        public ReadOnlySpan<byte> Unmask(ReadOnlySpan<byte> masked)
        {
            Begin(Reader.Frame.Opcode);
            if (_payload.Length < masked.Length)
            {
                _payload = new byte[Math.Max(masked.Length, 4096)];
            }

            Reader.Unmask(masked, _payload);
            return _payload.AsSpan(0, masked.Length);
        }

        /// <summary>The first frame of a message says what it is.</summary>
        public void Begin(WebSocketOpcode opcode)
        {
            if (opcode is WebSocketOpcode.Text or WebSocketOpcode.Binary)
            {
                _opcode = opcode;
            }
        }

        public WebSocketOpcode NextOpcode()
        {
            var opcode = _hasBegun ? WebSocketOpcode.Continuation : _opcode;
            _hasBegun = true;
            return opcode;
        }

        public void EndMessage()
        {
            _held?.Dispose();
            (_hasBegun, _held, Seen) = (false, null, 0);
        }

        public ReadOnlySpan<byte> NewMask() => fromClient ? RandomNumberGenerator.GetBytes(4) : [];
    }
}
