using System.Buffers;
using Belljar.Contracts;
using Belljar.Egress.Bodies;
using Belljar.Egress.Policy;
using Belljar.Egress.Scanning;
using Belljar.Protocols.Grpc;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Gate;

/// <summary>
/// A request's body on its way up: counted against the budgets, scanned in all of its readings, held until it was judged.
/// Every method answers with the denial, or null.
/// </summary>
internal sealed class UploadGuard : IDisposable
{
    private readonly GateParts _gate;
    private readonly RouteTable _routes;
    private readonly RoutePolicy _policy;
    private readonly Exchange _exchange;
    private readonly Findings _findings;
    private readonly GrpcMessages? _messages;
    private readonly string _place;
    private HeldStream? _held;
    private readonly ContentDecoder? _decoder;
    private readonly ArrayBufferWriter<byte> _decoded = new();
    private BodyViews? _views;
    private int _seen;
    private long _length;

    public UploadGuard(GateParts gate, RouteTable routes, RoutePolicy policy, Exchange exchange, RequestHead head)
    {
        (_gate, _routes, _policy, _exchange) = (gate, routes, policy, exchange);
        _findings = new Findings(gate.Recorder, exchange, policy.Route.Scan);
        _held = head.Framing.HasBody && policy.Scanner is { } scanner ? new HeldStream(scanner, policy.Route.Scan) : null;
        _messages = _held is not null && GrpcCall.Is(head) ? new GrpcMessages(policy, head) : null;
        _place = _messages is null ? "body" : "message";
        if (_held is not null && _messages is null && policy.Route.Scan is RouteScan.Redact)
        {
            // A coding that cannot be undone is denied by Begin.
            ContentDecoder.TryCreate(BodyViews.Codings(head), out _decoder);
        }
    }

    /// <summary>The body is looked at before it goes on: the gate itself says "continue" to a client that asks.</summary>
    public bool Holds => _held is not null;

    /// <summary>The body goes on without its coding: inside of one, nothing can be covered.</summary>
    public bool Decodes => _decoder is not null;

    /// <summary>Nothing of the body has gone on yet.</summary>
    public bool IsHolding { get; private set; }

    public Decision? Begin(RequestHead head, int headLength)
    {
        // A call may be a conversation: its head goes on at once, and each message as soon as it was judged.
        IsHolding = Holds && _messages is null;
        if (_policy.Route.MaxBody < head.Framing.Length)
        {
            return TooLong();
        }

        if (_held is not null && !BodyViews.TryCreate(_policy.Scanner!, head, _policy.Route.AllowEncodings, Decodes, out _views))
        {
            return Decision.Deny("encoding", "the body has a Content-Encoding that the gate cannot look into");
        }

        return Spend(headLength);
    }

    /// <summary>How the body goes on: what is decoded has a length that nobody knows before its end.</summary>
    public BodyFraming Framing(BodyFraming framing) => Decodes ? BodyFraming.Chunked : framing;

    public Decision? Append(ReadOnlySpan<byte> data, BodyFraming framing, IBufferWriter<byte> output)
    {
        _length += data.Length;
        if (_length > (_policy.Route.MaxBody ?? long.MaxValue))
        {
            return TooLong();
        }

        if (Spend(data.Length) is { } denied)
        {
            return denied;
        }

        if (_held is null)
        {
            HeadWriter.Body(output, framing, data);
            return null;
        }

        return _messages is not null
            ? Messages(_messages, data, framing, output)
            : TryDecode(data, isLast: false) ?? Hold(Decodes ? _decoded.WrittenSpan : data, framing, output);
    }

    public Decision? End(BodyFraming framing, FieldList trailers, IBufferWriter<byte> output)
    {
        if (_held is not null)
        {
            if (Decodes && (TryDecode([], isLast: true) ?? Hold(_decoded.WrittenSpan, framing, output)) is { } undecodable)
            {
                return undecodable;
            }

            if (((_messages is null ? Release(framing, output) : _messages.JudgeEnd()) ?? JudgeTrailers(trailers)) is { } denied)
            {
                return denied;
            }
        }

        IsHolding = false;
        if (framing.Kind is BodyKind.Chunked)
        {
            output.Write("0\r\n"u8);
            foreach (var trailer in trailers)
            {
                if (!_policy.Strips(trailer.Name))
                {
                    HeadWriter.Field(output, trailer.Name, trailer.Value);
                }
            }

            HeadWriter.End(output);
        }

        return null;
    }

    public void Dispose()
    {
        _held?.Dispose();
        _views?.Dispose();
        _decoder?.Dispose();
    }

    private Decision? Hold(ReadOnlySpan<byte> data, BodyFraming framing, IBufferWriter<byte> output)
    {
        var released = _held!.Append(data);
        IsHolding &= released.IsEmpty;
        HeadWriter.Body(output, framing, released);
        return Judge() ?? View(data, isLast: false);
    }

    /// <summary>What a bomb unfolds to counts as if it had been sent so.</summary>
    private Decision? TryDecode(ReadOnlySpan<byte> data, bool isLast)
    {
        if (_decoder is null)
        {
            return null;
        }

        _decoded.ResetWrittenCount();
        try
        {
            _decoder.Decode(data, isLast, _decoded);
        }
        catch (InvalidDataException)
        {
            return Decision.Deny("encoding", "the body is not what its Content-Encoding says");
        }

        var more = Math.Max(0, _decoded.WrittenCount - data.Length);
        _length += more;
        return _length > (_policy.Route.MaxBody ?? BodyViews.MostDecoded) ? TooLong() : Spend(more);
    }

    private Decision? Release(BodyFraming framing, IBufferWriter<byte> output)
    {
        HeadWriter.Body(output, framing, _held!.End());
        return Judge() ?? View([], isLast: true);
    }

    private Decision? Messages(GrpcMessages messages, ReadOnlySpan<byte> data, BodyFraming framing, IBufferWriter<byte> output)
    {
        while (true)
        {
            var status = messages.Reader.Read(data, out var consumed, out var payload);
            data = data[consumed..];
            Decision? denied = null;
            switch (status)
            {
                case MessageStatus.NeedsMore:
                    return null;
                case MessageStatus.Begin:
                    Dispose();
                    (_held, _seen) = (messages.Hold(), 0);
                    denied = messages.TryView(out _views);
                    HeadWriter.Body(output, framing, messages.Reader.Prefix);
                    break;
                case MessageStatus.Payload:
                    denied = Hold(payload, framing, output);
                    break;
                case MessageStatus.End:
                    denied = Release(framing, output);
                    break;
                default:
                    return GrpcMessages.Malformed;
            }

            if (denied is not null)
            {
                return denied;
            }
        }
    }

    private Decision? Judge()
    {
        if (_held!.IsExhausted && _policy.Route.Scan is not RouteScan.Alert)
        {
            return Exhausted();
        }

        while (_seen < _held.Findings.Count)
        {
            if (_findings.Judge(_place, _held.Findings[_seen++], isCovered: _policy.Route.Scan is RouteScan.Redact) is { } denied)
            {
                return denied;
            }
        }

        return null;
    }

    private Decision? View(ReadOnlySpan<byte> data, bool isLast)
    {
        if (_views is null)
        {
            return null;
        }

        try
        {
            _views.Append(data, isLast);
        }
        catch (InvalidDataException)
        {
            return Decision.Deny("encoding", "the body is not what its Content-Encoding says");
        }

        if (_views.IsExhausted)
        {
            return Exhausted();
        }

        // What was covered in the bytes themselves is found here too, before it was covered.
        foreach (var finding in _views.Findings.Where(finding => !IsCovered(finding)))
        {
            if (_findings.Judge(_place, finding, isCovered: false) is { } denied)
            {
                return denied;
            }
        }

        _views.Findings.Clear();
        return null;
    }

    private bool IsCovered(ContentFinding finding)
        => _policy.Route.Scan is RouteScan.Redact && _held!.Findings.Any(covered => covered.Name == finding.Name && covered.Kind == finding.Kind);

    private Decision? JudgeTrailers(FieldList trailers)
    {
        var found = new List<ContentFinding>();
        using var scan = _policy.Scanner!.Begin();
        foreach (var trailer in trailers)
        {
            scan.Append(trailer.Name, found);
            scan.Append(": "u8, found);
            scan.Append(trailer.Value, found);
            scan.Append("\n"u8, found);
        }

        scan.End(found);
        return found.Select(finding => _findings.Judge("trailer", finding, isCovered: false)).FirstOrDefault(denied => denied is not null);
    }

    private Decision? Spend(long bytes) => _gate.Budgets.TrySpend(_routes, _policy, bytes)
        ? null
        : Decision.Deny("budget", "the session has sent what it may send");

    private static Decision Exhausted() => Decision.Deny("scan-budget", "the body is more than the gate can look through");

    private static Decision TooLong() => Decision.Deny("max-body", "the body is longer than the route allows");
}
