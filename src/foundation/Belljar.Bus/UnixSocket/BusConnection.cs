using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Belljar.Contracts;
using Belljar.Contracts.Wire;

namespace Belljar.Bus.UnixSocket;

/// <summary>One client of the broker's socket: reads its frames, and writes what its patterns match.</summary>
internal sealed class BusConnection : IBusSubscriber
{
    /// <summary>Of a client that never said HELLO.</summary>
    public const string Anonymous = "anonymous";

    private const int ReadSize = 16 * 1024;

    /// <summary>Echoes that may wait for each pattern that it may have: one burst of SUB and UNSUB, and then some.</summary>
    private const int EchoesForEachPattern = 4;

    private readonly Socket _socket;
    private readonly BusBroker _broker;
    private readonly TopicCache _topics;
    private readonly int _mostPatterns;
    private readonly Outbox _outbox;
    private readonly PipeReader _reader;
    private readonly HashSet<string> _patterns = [];
    private bool _spoke;
    private volatile bool _stopping;
    private string? _fault;

    public BusConnection(Socket socket, BusBroker broker, TopicCache topics, int mostPatterns)
    {
        (_socket, _broker, _topics, _mostPatterns) = (socket, broker, topics, mostPatterns);
        _outbox = new Outbox(Verbs.Event, broker.Bounds, mostPatterns * EchoesForEachPattern);
        _reader = PipeReader.Create(new NetworkStream(socket), new StreamPipeReaderOptions(bufferSize: ReadSize));
    }

    public string Name { get; private set; } = Anonymous;

    public bool HasManyPatterns => true;

    public SubscriberStatistics Statistics => _outbox.Statistics;

    public void Deliver(in BusMessage message) => _outbox.Enqueue(message);

    /// <summary>Serves until the client leaves, <see cref="Stop"/>, or a frame that breaks the rules.</summary>
    /// <returns>Which rule was broken; null when none was.</returns>
    public async Task<string?> RunAsync()
    {
        _broker.Join(this);
        var sending = SendAsync();
        try
        {
            await ReadAsync();
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            // The client was killed, or Abort was called.
        }
        finally
        {
            await LeaveAsync(sending);
        }

        return _fault;
    }

    /// <summary>Takes no more from the client, writes what waits for it and BYE, and ends.</summary>
    public void Stop()
    {
        _stopping = true;
        _reader.CancelPendingRead();
    }

    /// <summary>Ends now, whatever waits.</summary>
    public void Abort() => _socket.Dispose();

    private async Task LeaveAsync(Task sending)
    {
        foreach (var pattern in _patterns)
        {
            _broker.Remove(pattern, this);
        }

        if (_stopping && _fault is null)
        {
            _outbox.Close();
            await sending;
        }

        _socket.Dispose();
        _outbox.Abandon();
        await sending;
        await _reader.CompleteAsync();
        _broker.Leave(this);
    }

    private async Task SendAsync()
    {
        try
        {
            await new FrameSender(_socket, _outbox).RunAsync(CancellationToken.None);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The reader sees the same end; only it may be waiting for a peer that keeps its side open.
            _socket.Dispose();
        }
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            var read = await _reader.ReadAsync();
            var bytes = read.Buffer;
            var goesOn = TryHandleAll(ref bytes);
            _reader.AdvanceTo(bytes.Start, bytes.End);
            if (!goesOn || read.IsCompleted || _stopping)
            {
                return;
            }
        }
    }

    private bool TryHandleAll(ref ReadOnlySequence<byte> bytes)
    {
        while (true)
        {
            switch (RawFrame.Read(ref bytes, out var frame))
            {
                case FrameStatus.Complete when frame.Verb.SequenceEqual("BYE"u8):
                    // It still gets what it asked for before, so that a one-shot client may send all its frames at once.
                    _stopping = true;
                    return false;
                case FrameStatus.Complete when Handle(frame) is { } fault:
                    _fault = fault;
                    return false;
                case FrameStatus.Malformed:
                    _fault = "its bytes are no frame, or one that is too long";
                    return false;
                case FrameStatus.Incomplete:
                    return true;
                default:
                    _spoke = true;
                    break;
            }
        }
    }

    /// <returns>Which rule the frame breaks; null when none.</returns>
    private string? Handle(in RawFrame frame) =>
        frame.Verb.SequenceEqual("PUB"u8) ? Publish(frame)
        : frame.Verb.SequenceEqual("SUB"u8) ? Subscribe(frame.Argument)
        : frame.Verb.SequenceEqual("UNSUB"u8) ? Unsubscribe(frame.Argument)
        : frame.Verb.SequenceEqual("HELLO"u8) ? Hello(frame.Argument)
        : "its verb is none that a client may use";

    private string? Publish(in RawFrame frame)
    {
        if (_topics.Find(frame.Argument) is not { } topic)
        {
            return "it published to what is no topic";
        }

        _broker.Relay(topic, frame.Body);
        return null;
    }

    private string? Subscribe(ReadOnlySpan<byte> argument)
    {
        var pattern = Encoding.ASCII.GetString(argument);
        if (!Topic.IsValidPattern(pattern))
        {
            return "it subscribed to what is no pattern";
        }

        if (_patterns.Count >= _mostPatterns && !_patterns.Contains(pattern))
        {
            return $"it has more than {_mostPatterns} subscriptions";
        }

        return Acknowledge(Verbs.Subscribe, pattern, () =>
        {
            if (_patterns.Add(pattern))
            {
                _broker.Add(pattern, this);
            }
        });
    }

    private string? Unsubscribe(ReadOnlySpan<byte> argument)
    {
        var pattern = Encoding.ASCII.GetString(argument);
        if (!Topic.IsValidPattern(pattern))
        {
            return "it unsubscribed from what is no pattern";
        }

        return Acknowledge(Verbs.Unsubscribe, pattern, () =>
        {
            if (_patterns.Remove(pattern))
            {
                _broker.Remove(pattern, this);
            }
        });
    }

    private string? Acknowledge(string verb, string pattern, Action change) =>
        _outbox.TryControl(verb, pattern, change) ? null : "it asks without reading the answers";

    private string? Hello(ReadOnlySpan<byte> argument)
    {
        var name = Encoding.ASCII.GetString(argument);
        if (_spoke || name.Length > Verbs.LongestClient || !Topic.IsValid(name))
        {
            return $"its HELLO came late, or its name is no topic of at most {Verbs.LongestClient} characters";
        }

        Name = name;
        return null;
    }
}
