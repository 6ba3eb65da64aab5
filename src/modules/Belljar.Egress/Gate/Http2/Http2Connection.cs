using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Gate.Http2;

/// <summary>
/// A connection from inside that speaks HTTP/2. It knows of frames, windows and streams, and nothing of policy: each stream
/// is put on a lane, behind which a <see cref="ClientConnection"/> reads a request as it would from a connection of its own.
/// <code>
///   frames ──► field section, checked, as an HTTP/1.1 head ──► lane ──► ClientConnection ──► judged, scanned, passed on
///   frames ◄── SendWindows, FrameOutput ◄──────────────────── lane ◄── the answer
/// </code>
/// </summary>
internal sealed partial class Http2Connection : IDisposable
{
    /// <summary>SETTINGS_MAX_CONCURRENT_STREAMS.</summary>
    public const int MostStreams = 100;

    // A lane may still be at its last stream's end when the client, which has seen that end, begins another.
    private const int MostLanes = MostStreams + 28;
    private const int Window = 1024 * 1024;
    private const int GiveBackFrom = Window / 4;

    private readonly Wire _client;
    private readonly GateParts _gate;
    private readonly Deadline _deadline;
    private readonly Destination _tunnel;
    private readonly FrameOutput _output;
    private readonly SendWindows _windows = new();
    private readonly Http2Settings _settings = new();
    private readonly HpackDecoder _hpack = new();
    private readonly FieldSection _section;
    private readonly RequestFields _fields = new();
    private readonly FloodGuard _flood;
    private readonly ArrayBufferWriter<byte> _block = new(512);
    private readonly ArrayBufferWriter<byte> _head = new(512);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Http2Lane> _open = [];
    private readonly Stack<Http2Lane> _free = new();
    private readonly HashSet<Http2Lane> _lanes = [];
    private Upstream? _first;
    private Task _recording = Task.CompletedTask;
    private Task _closing = Task.CompletedTask;
    private RefusedStream? _refused;
    private int _outstanding; // of the connection's window: what the client has sent and was not given back
    private int _unreturned;
    private int _last;

    /// <param name="first">A connection to the host whose address was judged: for whoever needs one first.</param>
    public Http2Connection(Wire client, GateParts gate, Deadline deadline, Destination tunnel, Upstream first)
    {
        (_client, _gate, _deadline, _tunnel, _first) = (client, gate, deadline, tunnel, first);
        _output = new FrameOutput(client);
        _section = new FieldSection(gate.Limits.Http);
        _flood = new FloodGuard(gate.Clock);
    }

    /// <summary>No stream is open and nothing is on its way: may be closed without harm.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _open.Count == 0 && _output.IsIdle;
            }
        }
    }

    /// <summary>A request has come.</summary>
    public bool HasStreams => _last > 0;

    /// <summary>Serves until either side ends it.</summary>
    /// <exception cref="SocketException">The connection broke, or was aborted.</exception>
    public async Task RunAsync()
    {
        try
        {
            _output.Preface(
                isClient: false,
                (Http2Setting.MaxConcurrentStreams, (uint)MostStreams),
                (Http2Setting.InitialWindowSize, (uint)Http2Lane.Window),
                (Http2Setting.MaxHeaderListSize, (uint)_gate.Limits.Http.LongestHead));
            _output.WindowUpdate(0, Window - Http2Settings.DefaultWindow);
            _deadline.Set(_gate.Limits.BetweenRequests);
            if (await ReadAsync() is var refusal and not Http2Refusal.None)
            {
                await RecordAsync(refusal);
                await EndAsync(refusal.Code());
            }
        }
        finally
        {
            await StopLanesAsync();
            await _recording;
        }
    }

    /// <summary>Once a second.</summary>
    public void Reap()
    {
        List<Http2Lane> late;
        lock (_lock)
        {
            late = [.. _lanes.Where(lane => lane.Reader.Deadline.IsPast)];
        }

        late.ForEach(lane => lane.Reader.Abort());
    }

    /// <summary>A lane has taken so much of what the client sent; the window of the connection is opened again.</summary>
    public void GiveBack(int cost)
    {
        var increment = 0;
        lock (_lock)
        {
            _unreturned += cost;
            if (_unreturned >= GiveBackFrom)
            {
                (increment, _unreturned) = (_unreturned, 0);
                _outstanding -= increment;
            }
        }

        if (increment > 0)
        {
            _output.WindowUpdate(0, increment);
        }
    }

    /// <summary>A lane is done with a stream.</summary>
    /// <param name="error">What the client is told when the stream is not over for it.</param>
    /// <param name="isClosed">There will be no other on this lane.</param>
    public void Ended(Http2Lane lane, int stream, Http2ErrorCode? error, bool isClosed)
    {
        bool tells, isLast;
        lock (_lock)
        {
            tells = _open.Remove(stream) && error is not null;
            isLast = stream != 0 && _open.Count == 0;
            if (isClosed || !_lanes.Contains(lane))
            {
                _lanes.Remove(lane);
            }
            else
            {
                _free.Push(lane);
            }

            if (isLast)
            {
                _deadline.Set(_gate.Limits.BetweenRequests);
            }
        }

        if (tells)
        {
            _output.RstStream(stream, error!.Value);
        }

        if (isLast && _gate.IsStopping)
        {
            _closing = EndAsync(Http2ErrorCode.NoError);
        }
    }

    public void Dispose() => _first?.Wire.Dispose();

    private async Task<Http2Refusal> ReadAsync()
    {
        while (true)
        {
            while (TryRead(out var refusal))
            {
                if (refusal is not Http2Refusal.None)
                {
                    return refusal;
                }

                if (_refused is { } refused)
                {
                    _refused = null;
                    await RefuseAsync(refused);
                }
            }

            if (_client.IsEmpty && IsIdle)
            {
                await _client.WaitAsync();
            }

            if (!await _client.FillAsync(CancellationToken.None))
            {
                return Http2Refusal.None;
            }
        }
    }

    /// <summary>A request that was malformed is a decision too, and whoever sent it is told what was wrong.</summary>
    private async Task RefuseAsync(RefusedStream refused)
    {
        await RecordAsync(refused.Refusal);
        if (!refused.IsAnswered)
        {
            Answer(refused);
        }

        _output.RstStream(refused.Stream, refused.Refusal.Code());
    }

    /// <summary>Without waiting: where the client gives no room for it, it gets no answer.</summary>
    private void Answer(RefusedStream refused)
    {
        var answer = JsonSerializer.SerializeToUtf8Bytes(Answers.Malformed(refused.Refusal), EgressJson.Default.GateAnswer);
        var window = _windows.Open();
        var taken = _windows.Take(window, answer.Length);
        _windows.Close(window);
        if (taken < answer.Length)
        {
            _windows.TryGrow(null, taken);
            return;
        }

        var block = new ArrayBufferWriter<byte>(64);
        HpackEncoder.Status(block, refused.Refusal.Status());
        HpackEncoder.Field(block, "content-type"u8, "application/json"u8);
        var frames = new ArrayBufferWriter<byte>(512);
        FrameWriter.Headers(frames, refused.Stream, block.WrittenSpan, endsStream: false);
        FrameWriter.Data(frames, refused.Stream, answer, endsStream: true);
        _output.Post(frames.WrittenMemory);
    }

    private async Task RecordAsync(Http2Refusal refusal)
    {
        var exchange = new Exchange(_tunnel.Host, _tunnel.Port, _fields.Method, null, _gate.Clock.GetTimestamp())
        {
            IsSecure = true,
            Decision = Decision.Deny($"malformed:{refusal}", refusal.Describe()),
            Status = refusal.Status(),
        };
        await _recording;
        _recording = _gate.Recorder.RecordAsync(exchange, _gate.GiveUp);
    }

    private async Task EndAsync(Http2ErrorCode error)
    {
        _deadline.Set(_gate.Limits.Head);
        await _output.EndAsync(_last, error);
    }

    private async Task StopLanesAsync()
    {
        List<Http2Lane> lanes;
        lock (_lock)
        {
            _open.Clear();
            lanes = [.. _lanes];
        }

        lanes.ForEach(lane => lane.Reader.Abort());
        await Task.WhenAll(lanes.Select(lane => lane.Reader.Completion));
        await _closing;
    }

    private readonly record struct RefusedStream(int Stream, Http2Refusal Refusal, bool IsAnswered);
}
