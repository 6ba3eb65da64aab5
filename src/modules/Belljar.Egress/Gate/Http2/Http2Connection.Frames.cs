using System.Buffers;
using System.Buffers.Binary;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Gate.Http2;

/// <content>What each frame means here (RFC 9113 §5 and §6).</content>
internal sealed partial class Http2Connection
{
    /// <summary>CONTINUATION frames of one section: with the length of the section they bound what it costs.</summary>
    private const int MostContinuations = 32;

    private bool _hasPreface;
    private bool _hasSettings;
    private int _blockStream; // of the section that has not ended yet; 0: none
    private int _continuations;
    private bool _blockEndsStream;

    /// <param name="refusal">Why the connection must end.</param>
    /// <returns>False when more bytes are needed.</returns>
    private bool TryRead(out Http2Refusal refusal)
    {
        refusal = Http2Refusal.None;
        var input = _client.Available.Span;
        if (!_hasPreface)
        {
            return TryPreface(input, out refusal);
        }

        switch (Frame.Read(input, out var frame, out var consumed, out var error))
        {
            case FrameStatus.Incomplete:
                return false;
            case FrameStatus.Refused:
                refusal = error is Http2ErrorCode.FrameSizeError ? Http2Refusal.FrameSize : Http2Refusal.FrameMalformed;
                return true;
        }

        refusal = Handle(frame);
        _client.Consume(consumed);
        return true;
    }

    private bool TryPreface(ReadOnlySpan<byte> input, out Http2Refusal refusal)
    {
        var length = Math.Min(input.Length, FrameWriter.Preface.Length);
        refusal = input[..length].SequenceEqual(FrameWriter.Preface[..length]) ? Http2Refusal.None : Http2Refusal.PrefaceMalformed;
        _hasPreface = length == FrameWriter.Preface.Length;
        _client.Consume(_hasPreface ? length : 0);
        return _hasPreface || refusal is not Http2Refusal.None;
    }

    private Http2Refusal Handle(in Frame frame)
    {
        // Nothing may come between a section's frames, and nothing before the first settings.
        var isExpected = _blockStream != 0 ? frame.Type is FrameType.Continuation && frame.Stream == _blockStream
            : _hasSettings ? frame.Type is not FrameType.Continuation
            : frame.Type is FrameType.Settings && !frame.Has(FrameFlags.Ack);
        if (!isExpected)
        {
            return Http2Refusal.FrameUnexpected;
        }

        return frame.Type switch
        {
            FrameType.Data => Data(frame),
            FrameType.Headers => Headers(frame),
            FrameType.Continuation => Continuation(frame),
            FrameType.RstStream => Reset(frame),
            FrameType.Settings => Settings(frame),
            FrameType.Ping => Ping(frame),
            FrameType.WindowUpdate => WindowUpdate(frame),
            FrameType.PushPromise => Http2Refusal.FrameUnexpected,
            FrameType.GoAway => Http2Refusal.None,
            _ => Flood(isReset: false),
        };
    }

    private Http2Refusal Flood(bool isReset) => _flood.Count(isReset) ? Http2Refusal.Flood : Http2Refusal.None;

    private bool IsIdleStream(int stream) => stream > _last || stream % 2 == 0;

    private Http2Refusal Data(in Frame frame)
    {
        if (IsIdleStream(frame.Stream) || !frame.TryContent(out var data))
        {
            return Http2Refusal.FrameUnexpected;
        }

        var cost = frame.Payload.Length;
        Http2Lane? lane;
        lock (_lock)
        {
            _outstanding += cost;
            if (_outstanding > Window)
            {
                return Http2Refusal.WindowExceeded;
            }

            _open.TryGetValue(frame.Stream, out lane);
        }

        var isLast = frame.Has(FrameFlags.EndStream);
        var refusal = Http2Refusal.None;
        if (lane?.TryReceive(frame.Stream, data, cost, isLast, out refusal) is not true)
        {
            // It was answered, or refused, while this was on its way; or it is now.
            GiveBack(cost);
        }

        if (refusal is not Http2Refusal.None)
        {
            Refuse(lane!, frame.Stream, refusal);
        }

        return data.IsEmpty && !isLast ? Flood(isReset: false) : Http2Refusal.None;
    }

    private Http2Refusal Headers(in Frame frame)
    {
        if (frame.Stream % 2 == 0)
        {
            return Http2Refusal.StreamNumber;
        }

        if (!frame.TryContent(out var block))
        {
            return Http2Refusal.FrameMalformed;
        }

        _block.ResetWrittenCount();
        (_blockStream, _continuations, _blockEndsStream) = (frame.Stream, 0, frame.Has(FrameFlags.EndStream));
        return Collect(block, frame.Has(FrameFlags.EndHeaders));
    }

    private Http2Refusal Continuation(in Frame frame)
        => ++_continuations > MostContinuations ? Http2Refusal.FieldsNeverEnd : Collect(frame.Payload, frame.Has(FrameFlags.EndHeaders));

    private Http2Refusal Collect(ReadOnlySpan<byte> block, bool isLast)
    {
        if (_block.WrittenCount + block.Length > _gate.Limits.Http.LongestHead)
        {
            return Http2Refusal.FieldsNeverEnd;
        }

        _block.Write(block);
        if (!isLast)
        {
            return Http2Refusal.None;
        }

        var stream = _blockStream;
        _blockStream = 0;
        _section.Clear();
        return _hpack.TryDecode(_block.WrittenSpan, _section) ? Section(stream, _blockEndsStream) : Http2Refusal.FieldsNotDecodable;
    }

    private Http2Refusal Section(int stream, bool isWhole)
    {
        if (stream <= _last)
        {
            Http2Lane? lane;
            lock (_lock)
            {
                _open.TryGetValue(stream, out lane);
            }

            var trailers = lane is null ? Http2Refusal.None : !isWhole ? Http2Refusal.TrailersWithoutEnd : lane.ReceiveTrailers(stream, _section);
            if (trailers is not Http2Refusal.None)
            {
                Refuse(lane!, stream, trailers);
            }

            // Without a lane it was answered, or refused, while this was on its way.
            return lane is null ? Flood(isReset: false) : Http2Refusal.None;
        }

        _last = stream;
        _head.ResetWrittenCount();
        var refusal = _fields.Read(_section, isWhole, _head);
        if (refusal is not Http2Refusal.None)
        {
            _refused = new RefusedStream(stream, refusal, IsAnswered: false);
            return Flood(isReset: true);
        }

        if (!TryOpen(stream, isWhole))
        {
            _output.RstStream(stream, Http2ErrorCode.RefusedStream);
            return Flood(isReset: true);
        }

        return Http2Refusal.None;
    }

    /// <summary>On a lane that is free, or on a new one.</summary>
    private bool TryOpen(int stream, bool isWhole)
    {
        Http2Lane? started = null;
        lock (_lock)
        {
            if (_gate.IsStopping)
            {
                return false;
            }

            Http2Lane? lane;
            while (_free.TryPop(out lane) && !lane.TryBegin(stream, _fields, isWhole, _head.WrittenSpan))
            {
                // It was closed while it waited.
            }

            if (lane is null)
            {
                if (_lanes.Count >= MostLanes)
                {
                    return false;
                }

                lane = started = new Http2Lane(this, _output, _windows, _gate.Limits.Http);
                lane.Reader = new ClientConnection(lane, _gate, _tunnel, _first);
                _first = null;
                lane.TryBegin(stream, _fields, isWhole, _head.WrittenSpan);
                _lanes.Add(lane);
            }

            _open.Add(stream, lane);
            _deadline.Clear();
        }

        started?.Reader.Start(_ => { });
        return true;
    }

    private void Refuse(Http2Lane lane, int stream, Http2Refusal refusal)
    {
        lock (_lock)
        {
            _open.Remove(stream);
        }

        lane.Reader.Abort();
        _refused = new RefusedStream(stream, refusal, IsAnswered: true);
    }

    private Http2Refusal Reset(in Frame frame)
    {
        if (IsIdleStream(frame.Stream))
        {
            return Http2Refusal.FrameUnexpected;
        }

        Http2Lane? lane;
        lock (_lock)
        {
            _open.Remove(frame.Stream, out lane);
        }

        lane?.Reader.Abort();
        return Flood(isReset: true);
    }

    private Http2Refusal Settings(in Frame frame)
    {
        _hasSettings = true;
        if (!frame.Has(FrameFlags.Ack))
        {
            if (_settings.Apply(frame.Payload) is not Http2ErrorCode.NoError || !_windows.TrySetInitial(_settings.InitialWindow))
            {
                return Http2Refusal.SettingsMalformed;
            }

            _output.SettingsAck();
        }

        return Flood(isReset: false);
    }

    private Http2Refusal Ping(in Frame frame)
    {
        if (!frame.Has(FrameFlags.Ack))
        {
            _output.PingAck(frame.Payload);
        }

        return Flood(isReset: false);
    }

    private Http2Refusal WindowUpdate(in Frame frame)
    {
        var increment = BinaryPrimitives.ReadInt32BigEndian(frame.Payload) & int.MaxValue;
        if (increment == 0 || (frame.Stream != 0 && IsIdleStream(frame.Stream)))
        {
            return Http2Refusal.FrameUnexpected;
        }

        if (frame.Stream == 0)
        {
            return _windows.TryGrow(null, increment) ? Http2Refusal.None : Http2Refusal.WindowExceeded;
        }

        Http2Lane? lane;
        lock (_lock)
        {
            _open.TryGetValue(frame.Stream, out lane);
        }

        if (lane?.TryGrow(increment) is false)
        {
            Refuse(lane, frame.Stream, Http2Refusal.WindowExceeded);
        }

        return Http2Refusal.None;
    }
}
