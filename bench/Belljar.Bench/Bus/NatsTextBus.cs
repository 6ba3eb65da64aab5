using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Belljar.Bus;

namespace Belljar.Bench.Bus;

/// <summary>
/// As much of the NATS client protocol as a fair comparison needs: publications gather while a write is under way, as in
/// the clients that people use, and messages go to a channel.
/// </summary>
internal sealed class NatsTextBus : IBus
{
    private readonly Socket _socket;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _pending = new(0, 1);
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Subscription> _subscriptions = [];
    private ArrayBufferWriter<byte> _filling = new(64 * 1024);
    private ArrayBufferWriter<byte> _sending = new(64 * 1024);
    private TaskCompletionSource _pong = new();
    private Task _running = Task.CompletedTask;

    private NatsTextBus(Socket socket) => _socket = socket;

    public static async Task<NatsTextBus> ConnectAsync(int port, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                var bus = new NatsTextBus(socket);
                bus._running = Task.WhenAll(Task.Run(bus.SendAsync, ct), Task.Run(bus.ReadAsync, ct));
                await bus.WriteAndPingAsync("CONNECT {\"verbose\":false,\"pedantic\":false}\r\n", ct);
                return bus;
            }
            catch (SocketException)
            {
                socket.Dispose();
                await Task.Delay(20, patience.Token);
            }
        }
    }

    public void Publish(string topic, ReadOnlySpan<byte> envelope)
    {
        lock (_lock)
        {
            var span = _filling.GetSpan(topic.Length + envelope.Length + 32);
            "PUB "u8.CopyTo(span);
            var at = 4 + Encoding.ASCII.GetBytes(topic, span[4..]);
            span[at++] = (byte)' ';
            Utf8Formatter.TryFormat(envelope.Length, span[at..], out var digits);
            at += digits;
            "\r\n"u8.CopyTo(span[at..]);
            envelope.CopyTo(span[(at + 2)..]);
            at += 2 + envelope.Length;
            "\r\n"u8.CopyTo(span[at..]);
            _filling.Advance(at + 2);
            Wake();
        }
    }

    public async Task<ISubscription> SubscribeAsync(string pattern, CancellationToken ct)
    {
        var subscription = new Subscription(pattern);
        _subscriptions.Add(subscription);
        await WriteAndPingAsync($"SUB {pattern} {_subscriptions.Count}\r\n", ct);
        return subscription;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _socket.Dispose();
        await _running;
        _ending.Dispose();
        _pending.Dispose();
    }

    private async Task WriteAndPingAsync(string line, CancellationToken ct)
    {
        _pong = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _filling.Write(Encoding.ASCII.GetBytes(line + "PING\r\n"));
            Wake();
        }

        await _pong.Task.WaitAsync(ct);
    }

    private void Wake()
    {
        if (_pending.CurrentCount == 0)
        {
            _pending.Release();
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                await _pending.WaitAsync(_ending.Token);
                lock (_lock)
                {
                    (_filling, _sending) = (_sending, _filling);
                }

                for (var rest = _sending.WrittenMemory; !rest.IsEmpty;)
                {
                    rest = rest[await _socket.SendAsync(rest, _ending.Token)..];
                }

                _sending.ResetWrittenCount();
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private async Task ReadAsync()
    {
        var reader = PipeReader.Create(new NetworkStream(_socket), new StreamPipeReaderOptions(bufferSize: 16 * 1024));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(_ending.Token);
                var bytes = read.Buffer;
                while (TryHandle(ref bytes))
                {
                }

                reader.AdvanceTo(bytes.Start, bytes.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private bool TryHandle(ref ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        if (!reader.TryReadTo(out ReadOnlySpan<byte> line, "\r\n"u8))
        {
            return false;
        }

        if (line.StartsWith("MSG "u8))
        {
            // MSG subject sid length
            var length = Parse(line[(line.LastIndexOf((byte)' ') + 1)..]);
            if (reader.Remaining < length + 2)
            {
                return false;
            }

            var middle = line[..line.LastIndexOf((byte)' ')];
            var subscription = _subscriptions[Parse(middle[(middle.LastIndexOf((byte)' ') + 1)..]) - 1];
            subscription.Deliver(bytes.Slice(reader.Position, length).ToArray());
            reader.Advance(length + 2);
        }
        else if (line.StartsWith("PONG"u8))
        {
            _pong.TrySetResult();
        }
        else if (line.StartsWith("PING"u8))
        {
            lock (_lock)
            {
                _filling.Write("PONG\r\n"u8);
                Wake();
            }
        }

        bytes = bytes.Slice(reader.Position);
        return true;
    }

    private static int Parse(ReadOnlySpan<byte> digits) => Utf8Parser.TryParse(digits, out int value, out _) ? value : 0;

    private sealed class Subscription(string pattern) : ISubscription
    {
        private readonly Channel<BusMessage> _messages =
            Channel.CreateUnbounded<BusMessage>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

        public string Pattern => pattern;

        public ChannelReader<BusMessage> Messages => _messages.Reader;

        public long Dropped => 0;

        public void Deliver(byte[] body) => _messages.Writer.TryWrite(new BusMessage(pattern, body));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
