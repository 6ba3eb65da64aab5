using System.Buffers;
using System.Net.Sockets;
using Belljar.Protocols.Http1;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Gate.Http2;

/// <summary>
/// Streams of an HTTP/2 connection, one after another, shown as a kept-alive HTTP/1.1 connection: what judges, scans and
/// passes requests on is one for both. The connection's reader puts in what came; the lane's reader takes it out and writes
/// the answer, which goes out as frames.
/// </summary>
internal sealed class Http2Lane(Http2Connection connection, FrameOutput output, SendWindows windows, Http1Limits limits) : IWire
{
    /// <summary>How much of a request may wait to be read (SETTINGS_INITIAL_WINDOW_SIZE).</summary>
    public const int Window = 256 * 1024;

    private const int GiveBackFrom = Window / 4;

    private readonly Lock _lock = new();
    private readonly LaneInput _input = new();
    private readonly ResponseHead _head = new(limits);
    private readonly BodyReader _body = new(limits);
    private readonly MessageOutput _message = new(output, windows);
    private readonly ArrayBufferWriter<byte> _framed = new(64);
    private SendWindow? _window;
    private string _method = "";
    private long? _left; // of the length that was said
    private int _stream; // 0: none
    private int _received;
    private int _unreturned;
    private bool _isRequestWhole;
    private bool _isAnswerWhole;
    private bool _hasAnswerHead;
    private bool _isRead;
    private bool _isGone;

    /// <summary>Who reads from it, for whoever keeps both.</summary>
    public ClientConnection Reader { get; set; } = null!;

    public ReadOnlyMemory<byte> Available => _input.Available;

    public bool IsEmpty => Available.IsEmpty;

    public bool IsSecure => true;

    public bool IsStale => _isGone;

    /// <summary>The connection's reader: a request begins.</summary>
    /// <param name="head">In the words of HTTP/1.1.</param>
    /// <returns>False when the lane is closed.</returns>
    public bool TryBegin(int stream, RequestFields fields, bool isWhole, ReadOnlySpan<byte> head)
    {
        lock (_lock)
        {
            // Bytes of another request would be read as the beginning of this one.
            if (_isGone || !_input.IsDry)
            {
                return false;
            }

            (_stream, _method, _left) = (stream, fields.Method, fields.Length);
            (_isRequestWhole, _isAnswerWhole, _hasAnswerHead, _isRead, _received) = (isWhole, false, false, false, 0);
            _window = windows.Open();
            _message.Begin(stream, _window);
            _head.Reset();
            _input.Append(head, 0);
            return true;
        }
    }

    /// <summary>The connection's reader: bytes of the body.</summary>
    /// <param name="cost">With padding.</param>
    /// <returns>Whether they were taken; the stream may be over already.</returns>
    public bool TryReceive(int stream, ReadOnlySpan<byte> data, int cost, bool isLast, out Http2Refusal refusal)
    {
        lock (_lock)
        {
            refusal = Http2Refusal.None;
            if (stream != _stream)
            {
                return false;
            }

            (_received, _left) = (_received + cost, _left - data.Length);
            refusal = _isRequestWhole ? Http2Refusal.DataAfterEnd
                : _received > Window ? Http2Refusal.WindowExceeded
                : _left < 0 || (isLast && _left > 0) ? Http2Refusal.LengthWrong
                : Http2Refusal.None;
            if (refusal is not Http2Refusal.None)
            {
                return false;
            }

            _framed.ResetWrittenCount();
            var isChunked = _left is null;
            HeadWriter.Body(_framed, isChunked ? BodyFraming.Chunked : BodyFraming.None, data);
            if (isLast)
            {
                _isRequestWhole = true;
                _framed.Write(isChunked ? HeadWriter.LastChunk : []);
            }

            // Under the lock: nothing of this stream can be put in once the next one may begin.
            _input.Append(_framed.WrittenSpan, cost);
            return true;
        }
    }

    /// <summary>The connection's reader: trailers. Behind a body whose length was said they are dropped (RFC 9110 §6.5.1).</summary>
    public Http2Refusal ReceiveTrailers(int stream, FieldSection section)
    {
        lock (_lock)
        {
            if (stream != _stream)
            {
                return Http2Refusal.None;
            }

            if (_isRequestWhole)
            {
                return Http2Refusal.DataAfterEnd;
            }

            _framed.ResetWrittenCount();
            _framed.Write("0\r\n"u8);
            var refusal = TrailerFields.Read(section, _framed);
            if (refusal is not Http2Refusal.None || _left > 0)
            {
                return refusal is Http2Refusal.None ? Http2Refusal.LengthWrong : refusal;
            }

            _isRequestWhole = true;
            if (_left is null)
            {
                _input.Append(_framed.WrittenSpan, 0);
            }

            return Http2Refusal.None;
        }
    }

    /// <summary>The connection's reader: the peer lets more be sent.</summary>
    public bool TryGrow(int increment) => _window is not { } window || windows.TryGrow(window, increment);

    public void Consume(int count) => _input.Consume(count);

    public ValueTask WaitAsync()
    {
        if (_isRead)
        {
            // Its reader is done with the stream, and asks for the next.
            End(isClosed: false);
        }

        return _input.WaitAsync();
    }

    public async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        var cost = await _input.FillAsync(ct);
        _isRead = true;
        connection.GiveBack(cost);
        var (stream, increment) = (0, 0);
        lock (_lock)
        {
            // What is held back here is given with the next bytes: the window is never less than three quarters of its size.
            _unreturned += cost;
            if (_unreturned >= GiveBackFrom && !_isRequestWhole)
            {
                (stream, increment, _unreturned) = (_stream, _unreturned, 0);
                _received -= increment;
            }
        }

        if (stream != 0)
        {
            output.WindowUpdate(stream, increment);
        }

        return true;
    }

    /// <summary>The answer, in the words of HTTP/1.1.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (!_hasAnswerHead)
        {
            ThrowIfGone();
            var status = _head.Read(bytes.Span, out var consumed);
            bytes = bytes[consumed..];
            if (status is not HeadStatus.Complete)
            {
                return;
            }

            await HeadAsync(ct);
        }

        if (!_isAnswerWhole)
        {
            _isAnswerWhole = await _message.BodyAsync(_body, bytes, ct);
        }
    }

    public ValueTask EndSendingAsync() => ValueTask.CompletedTask;

    /// <summary>The answer cannot be lost: the stream is told to stop, and not the connection.</summary>
    public ValueTask<int> DiscardAsync() => new(0);

    public void Abort()
    {
        SendWindow? window;
        lock (_lock)
        {
            _isGone = true;
            window = _window;
        }

        if (window is not null)
        {
            windows.Close(window);
        }

        connection.GiveBack(_input.GiveUp());
    }

    public void Dispose()
    {
        Abort();
        End(isClosed: true);
    }

    private async ValueTask HeadAsync(CancellationToken ct)
    {
        if (_head.IsInterim)
        {
            _message.Section(block => FieldSectionWriter.Response(block, _head), endsStream: false);
            await _message.FlushAsync(ct);
            _head.Reset();
            return;
        }

        var framing = _head.FramingFor(_method);
        var isWhole = !framing.HasBody;
        _message.Section(block => FieldSectionWriter.Response(block, _head), isWhole);
        (_hasAnswerHead, _isAnswerWhole) = (true, isWhole);
        if (isWhole)
        {
            await _message.FlushAsync(ct);
        }
        else
        {
            _body.Start(framing);
        }
    }

    /// <summary>The stream is over, for the lane: if it is not for the peer, it is told so.</summary>
    private void End(bool isClosed)
    {
        int stream;
        Http2ErrorCode? error;
        lock (_lock)
        {
            stream = _stream;
            error = !_isAnswerWhole ? (_isRead ? Http2ErrorCode.InternalError : Http2ErrorCode.RefusedStream)
                : _isRequestWhole ? null : Http2ErrorCode.NoError;
            (_stream, _unreturned, _isRead) = (0, 0, false);
            if (_window is not null)
            {
                windows.Close(_window);
                _window = null;
            }
        }

        connection.Ended(this, stream, error, isClosed);
    }

    private void ThrowIfGone()
    {
        if (_isGone || _stream == 0)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }
    }
}
