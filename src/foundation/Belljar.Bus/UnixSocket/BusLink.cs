using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Belljar.Contracts.Wire;

namespace Belljar.Bus.UnixSocket;

/// <summary>One connection of a client to the broker, from connect to its end.</summary>
internal sealed class BusLink(Outbox outbox, WireSubscriptions wanted, BusBroker local, TopicCache topics) : IDisposable
{
    private const int ReadSize = 16 * 1024;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Messages of the write that failed, if one did.</summary>
    public int InFlight { get; private set; }

    /// <summary>Whether the broker ever sent anything: until then it may be one that closes each connection at once.</summary>
    public bool Heard { get; private set; }

    public async Task ConnectAsync(UnixDomainSocketEndPoint broker, CancellationToken ct) =>
        await _socket.ConnectAsync(broker, ct);

    /// <summary>Returns why it ended: a few words for the operator.</summary>
    /// <param name="ct">Ends it at once. To end it gently, close the outbox.</param>
    public async Task<string> RunAsync(CancellationToken ct)
    {
        wanted.Connected();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var sending = SendAsync(ended.Token);
        var reading = ReadAsync();
        var first = await Task.WhenAny(sending, reading);
        await ended.CancelAsync();
        _socket.Dispose();
        await Task.WhenAll(sending, reading);
        return await first;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string> SendAsync(CancellationToken ct)
    {
        var sender = new FrameSender(_socket, outbox);
        try
        {
            await sender.RunAsync(ct);
            return "this side ended it";
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            InFlight = sender.InFlight;
            return gone.Message;
        }
    }

    private async Task<string> ReadAsync()
    {
        PipeReader? reader = null;
        try
        {
            // Throws, too, where a failed write has shown already that the broker is gone.
            reader = PipeReader.Create(new NetworkStream(_socket), new StreamPipeReaderOptions(bufferSize: ReadSize));
            while (true)
            {
                var read = await reader.ReadAsync(CancellationToken.None);
                var bytes = read.Buffer;
                var end = HandleAll(ref bytes);
                reader.AdvanceTo(bytes.Start, bytes.End);
                if (end is not null || read.IsCompleted)
                {
                    return end ?? "the broker closed the connection";
                }
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            return gone.Message;
        }
        finally
        {
            if (reader is not null)
            {
                await reader.CompleteAsync();
            }
        }
    }

    private string? HandleAll(ref ReadOnlySequence<byte> bytes)
    {
        while (true)
        {
            switch (RawFrame.Read(ref bytes, out var frame))
            {
                case FrameStatus.Complete when frame.Verb.SequenceEqual("BYE"u8):
                    return "the broker said BYE";
                case FrameStatus.Complete when TryHandle(frame):
                    Heard = true;
                    break;
                case FrameStatus.Incomplete:
                    return null;
                default:
                    return "the broker sent what is no answer";
            }
        }
    }

    private bool TryHandle(in RawFrame frame)
    {
        if (!frame.Verb.SequenceEqual("EVT"u8))
        {
            return wanted.TryTakeEcho(frame);
        }

        if (topics.Find(frame.Argument) is not { } topic)
        {
            return false;
        }

        local.Relay(topic, frame.Body);
        return true;
    }
}
