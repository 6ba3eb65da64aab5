using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Belljar.Protocols.Http1;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Gate.Http2;

/// <summary>
/// A connection to a host outside that speaks HTTP/2, shown as one that speaks HTTP/1.1: one stream at a time. What is read
/// becomes HTTP/1.1 only as fast as somebody takes it, and answers to the host's own frames go out on the way.
/// </summary>
internal sealed class Http2Upstream : IWire
{
    private const int Window = 1024 * 1024;
    private const int GiveBackFrom = Window / 4;

    private readonly Wire _host;
    private readonly FrameOutput _output;
    private readonly SendWindows _windows = new();
    private readonly Http2Settings _settings = new();
    private readonly HpackDecoder _hpack = new();
    private readonly FieldSection _section;
    private readonly RequestHead _head;
    private readonly BodyReader _body;
    private readonly MessageOutput _message;
    private readonly ArrayBufferWriter<byte> _block = new(512);
    private readonly ArrayBufferWriter<byte> _answer = new(1024);
    private SendWindow _window;
    private Task<bool>? _ahead;
    private BodyFraming _framing;
    private string _method = "";
    private int _answered; // how much of the answer was taken
    private int _stream = -1;
    private int _owed; // of the connection's window
    private int _unreturned; // of the stream's
    private int _blockStream;
    private bool _blockEndsStream;
    private bool _hasRequestHead;
    private bool _hasAnswerHead;
    private bool _isAnswerWhole = true;
    private bool _isLeaving;
    private long? _left;

    public Http2Upstream(Wire host, Http1Limits limits)
    {
        _host = host;
        _section = new FieldSection(limits);
        _head = new RequestHead(limits);
        _body = new BodyReader(limits);
        _output = new FrameOutput(host);
        _message = new MessageOutput(_output, _windows);
        _window = _windows.Open();
        _output.Preface(
            isClient: true,
            (Http2Setting.EnablePush, 0u),
            (Http2Setting.InitialWindowSize, (uint)Window),
            (Http2Setting.MaxHeaderListSize, (uint)limits.LongestHead));
        _output.WindowUpdate(0, Window - Http2Settings.DefaultWindow);
    }

    public ReadOnlyMemory<byte> Available => _answer.WrittenMemory[_answered..];

    public bool IsEmpty => _answered == _answer.WrittenCount;

    public bool IsSecure => true;

    /// <summary>Whether the host is going away. It may have sent pings and windows meanwhile, and they are no news.</summary>
    public bool IsStale
    {
        get
        {
            try
            {
                while (!_isLeaving && _isAnswerWhole && IsEmpty && (_ahead is not null || _host.IsStale))
                {
                    _ahead ??= _host.FillAsync(CancellationToken.None).AsTask();
                    if (!_ahead.IsCompleted)
                    {
                        return false;
                    }

                    if (!_ahead.GetAwaiter().GetResult())
                    {
                        return true;
                    }

                    _ahead = null;
                    Read();
                }

                return _isLeaving || !_isAnswerWhole || !IsEmpty;
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    public void Consume(int count)
    {
        _answered += count;
        if (IsEmpty)
        {
            _answer.ResetWrittenCount();
            _answered = 0;
        }
    }

    public ValueTask WaitAsync() => throw new NotSupportedException("Nobody waits for a host without asking it something.");

    public async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        while (!_isAnswerWhole)
        {
            var before = _answer.WrittenCount;
            Read();
            if (_answer.WrittenCount > before)
            {
                return true;
            }

            var filled = _ahead is { } ahead ? await ahead.WaitAsync(ct) : await _host.FillAsync(ct);
            _ahead = null;
            if (!filled)
            {
                return false;
            }
        }

        // It ended without what it had promised, or something is asked of it that nobody has sent for.
        return false;
    }

    /// <summary>The request, in the words of HTTP/1.1.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (!_hasRequestHead)
        {
            if (_head.Read(bytes.Span, out var consumed) is not HeadStatus.Complete)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            bytes = bytes[consumed..];
            Begin();
            if (!_head.Framing.HasBody)
            {
                _hasRequestHead = false;
                _head.Reset();
                await _message.FlushAsync(ct);
                return;
            }

            _body.Start(_head.Framing);
        }

        if (await _message.BodyAsync(_body, bytes, ct))
        {
            _hasRequestHead = false;
            _head.Reset();
        }
    }

    public ValueTask EndSendingAsync() => _host.EndSendingAsync();

    public ValueTask<int> DiscardAsync() => throw new NotSupportedException("A host's answer is read, or its connection is closed.");

    public void Abort()
    {
        _windows.Close(_window);
        _host.Abort();
    }

    public void Dispose()
    {
        Abort();
        _host.Dispose();
    }

    private void Begin()
    {
        _stream += 2;
        _windows.Close(_window);
        _window = _windows.Open();
        _message.Begin(_stream, _window);
        _message.Section(block => FieldSectionWriter.Request(block, _head), !_head.Framing.HasBody);
        _method = _head.Method;
        (_hasRequestHead, _hasAnswerHead, _isAnswerWhole, _unreturned, _left) = (true, false, false, 0, null);
    }

    /// <summary>Takes the frames that have come.</summary>
    /// <exception cref="SocketException">The host broke the protocol, or the stream.</exception>
    private void Read()
    {
        while (true)
        {
            var status = Frame.Read(_host.Available.Span, out var frame, out var consumed, out _);
            if (status is FrameStatus.Incomplete)
            {
                return;
            }

            var isGood = status is FrameStatus.Complete && Handle(frame);
            _host.Consume(consumed);
            if (!isGood)
            {
                Abort();
                throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }

    private bool Handle(in Frame frame)
    {
        if (_blockStream != 0 && (frame.Type is not FrameType.Continuation || frame.Stream != _blockStream))
        {
            return false;
        }

        switch (frame.Type)
        {
            case FrameType.Data:
                return Data(frame);
            case FrameType.Headers:
                _block.ResetWrittenCount();
                (_blockStream, _blockEndsStream) = (frame.Stream, frame.Has(FrameFlags.EndStream));
                return frame.TryContent(out var block) && Collect(block, frame.Has(FrameFlags.EndHeaders));
            case FrameType.Continuation:
                return _blockStream != 0 && Collect(frame.Payload, frame.Has(FrameFlags.EndHeaders));
            case FrameType.Settings when !frame.Has(FrameFlags.Ack):
                _output.SettingsAck();
                return _settings.Apply(frame.Payload) is Http2ErrorCode.NoError && _windows.TrySetInitial(_settings.InitialWindow);
            case FrameType.Ping when !frame.Has(FrameFlags.Ack):
                _output.PingAck(frame.Payload);
                return true;
            case FrameType.GoAway:
                _isLeaving = true;
                return _isAnswerWhole || BinaryPrimitives.ReadInt32BigEndian(frame.Payload) >= _stream;
            case FrameType.RstStream:
                return frame.Stream != _stream || _isAnswerWhole;
            case FrameType.WindowUpdate:
                return WindowUpdate(frame);
            default:
                return frame.Type is not FrameType.PushPromise;
        }
    }

    private bool WindowUpdate(in Frame frame)
    {
        var increment = BinaryPrimitives.ReadInt32BigEndian(frame.Payload) & int.MaxValue;
        return increment > 0 && (frame.Stream != 0
            ? frame.Stream != _stream || _windows.TryGrow(_window, increment)
            : _windows.TryGrow(null, increment));
    }

    private bool Data(in Frame frame)
    {
        // The windows are opened as it is read: nothing more is read from the host before this was taken.
        _owed += frame.Payload.Length;
        if (_owed >= GiveBackFrom)
        {
            _output.WindowUpdate(0, _owed);
            _owed = 0;
        }

        if (frame.Stream != _stream || _isAnswerWhole)
        {
            return frame.Stream <= _stream;
        }

        if (!_hasAnswerHead || !frame.TryContent(out var data) || (_framing.Kind is BodyKind.None && !data.IsEmpty))
        {
            return false;
        }

        _left -= data.Length;
        HeadWriter.Body(_answer, _framing, data);
        if (frame.Has(FrameFlags.EndStream))
        {
            return End(trailers: null);
        }

        _unreturned += frame.Payload.Length;
        if (_unreturned >= GiveBackFrom)
        {
            _output.WindowUpdate(_stream, _unreturned);
            _unreturned = 0;
        }

        return !(_left < 0);
    }

    private bool Collect(ReadOnlySpan<byte> block, bool isLast)
    {
        if (_block.WrittenCount + block.Length > Window)
        {
            return false;
        }

        _block.Write(block);
        if (!isLast)
        {
            return true;
        }

        var stream = _blockStream;
        _blockStream = 0;
        _section.Clear();
        return _hpack.TryDecode(_block.WrittenSpan, _section) && (stream == _stream && !_isAnswerWhole ? Section() : stream <= _stream);
    }

    private bool Section()
    {
        if (_hasAnswerHead)
        {
            return _blockEndsStream && End(_section);
        }

        if (ResponseFields.Read(_section, _method, _blockEndsStream, _answer, out var status, out _framing) is not Http2Refusal.None)
        {
            return false;
        }

        if (status >= 200)
        {
            _hasAnswerHead = true;
            _left = _framing.Kind is BodyKind.Length ? _framing.Length : null;
            _isAnswerWhole = _blockEndsStream;
        }

        return true;
    }

    private bool End(FieldSection? trailers)
    {
        _isAnswerWhole = true;
        if (_framing.Kind is not BodyKind.Chunked)
        {
            return _left is null or 0;
        }

        _answer.Write("0\r\n"u8);
        if (trailers is not null)
        {
            return TrailerFields.Read(trailers, _answer) is Http2Refusal.None;
        }

        HeadWriter.End(_answer);
        return true;
    }
}
