using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Belljar.Protocols.Http1;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Gate.Http2;

/// <summary>
/// One message after another, written as frames of a stream: the field section, the body as far as the peer's windows let it,
/// the end. What is ready together goes out together.
/// </summary>
internal sealed class MessageOutput(FrameOutput output, SendWindows windows)
{
    private const int Most = 32 * 1024; // collected before it is sent

    private readonly ArrayBufferWriter<byte> _frames = new(512);
    private readonly ArrayBufferWriter<byte> _block = new(256);
    private SendWindow? _window;
    private int _stream;
    private int _lastData;

    public void Begin(int stream, SendWindow window)
    {
        _frames.ResetWrittenCount();
        (_stream, _window, _lastData) = (stream, window, -1);
    }

    /// <summary>A field section. Collected; <see cref="FlushAsync"/> sends it.</summary>
    public void Section(Action<IBufferWriter<byte>> write, bool endsStream)
    {
        _block.ResetWrittenCount();
        write(_block);
        FrameWriter.Headers(_frames, _stream, _block.WrittenSpan, endsStream);
    }

    /// <summary>The next bytes of a body, as HTTP/1.1 frames them; sends what was collected.</summary>
    /// <returns>Whether the body, and with it the stream, has ended.</returns>
    /// <exception cref="SocketException">The stream or the connection broke, or the body is malformed.</exception>
    public async ValueTask<bool> BodyAsync(BodyReader body, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (true)
        {
            var status = body.Read(bytes.Span, out var consumed, out var data);
            var piece = bytes.Slice(consumed - data.Length, data.Length);
            bytes = bytes[consumed..];
            switch (status)
            {
                case BodyStatus.Data:
                    await DataAsync(piece, ct);
                    break;
                case BodyStatus.Complete:
                    End(body.Trailers);
                    await FlushAsync(ct);
                    return true;
                case BodyStatus.NeedsMore:
                    await FlushAsync(ct);
                    return false;
                default:
                    throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }

    /// <exception cref="SocketException">The connection broke.</exception>
    public async ValueTask FlushAsync(CancellationToken ct)
    {
        if (_frames.WrittenCount > 0)
        {
            await output.SendAsync(_frames.WrittenMemory, ct);
            _frames.ResetWrittenCount();
            _lastData = -1;
        }
    }

    private async ValueTask DataAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        while (!data.IsEmpty)
        {
            var wanted = Math.Min(data.Length, Frame.LongestPayload);
            var taken = windows.Take(_window!, wanted);
            if (taken == 0)
            {
                // The peer must see what there is, or it has no reason to open the window.
                await FlushAsync(ct);
                taken = await windows.TakeAsync(_window!, wanted, ct);
            }

            _lastData = _frames.WrittenCount;
            FrameWriter.Data(_frames, _stream, data.Span[..taken], endsStream: false);
            data = data[taken..];
            if (_frames.WrittenCount >= Most)
            {
                await FlushAsync(ct);
            }
        }
    }

    private void End(FieldList trailers)
    {
        if (trailers.Count > 0)
        {
            Section(block => FieldSectionWriter.Trailers(block, trailers), endsStream: true);
        }
        else if (_lastData >= 0)
        {
            // It was the last one after all.
            MemoryMarshal.AsMemory(_frames.WrittenMemory).Span[_lastData + 4] |= (byte)FrameFlags.EndStream;
        }
        else
        {
            FrameWriter.Data(_frames, _stream, [], endsStream: true);
        }
    }
}
