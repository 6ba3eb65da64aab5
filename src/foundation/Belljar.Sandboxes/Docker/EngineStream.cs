using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Belljar.Sandboxes.Docker;

/// <summary>
/// A connection that the engine has turned into a command's streams (101, "tcp"): what is written is its input; what comes
/// is the terminal's bytes, or frames of output and error (8 bytes: stream, 3 zeros, length).
/// </summary>
internal sealed class EngineStream : IAsyncDisposable
{
    private const int MostHead = 16 * 1024;
    private const int FrameHeader = 8;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly byte[] _header = new byte[FrameHeader];
    private uint _leftInFrame;

    private EngineStream(Socket socket, bool framed)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        Framed = framed;
    }

    public bool Framed { get; }

    /// <summary>Of the frame that is being read: 1 output, 2 error. Output when there are no frames.</summary>
    public int Number { get; private set; } = 1;

    public static async Task<EngineStream> OpenAsync(string socketPath, string path, JsonObject body, bool framed, CancellationToken ct)
    {
        var socket = await EngineConnection.OpenAsync(socketPath, ct);
        var stream = new EngineStream(socket, framed);
        try
        {
            var text = body.ToJsonString();
            var head = $"POST {EngineClient.Version}{path} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\n\r\n{text}";
            await stream._stream.WriteAsync(Encoding.UTF8.GetBytes(head), ct);
            await stream.ReadHeadAsync(path, ct);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => _stream.WriteAsync(bytes, ct);

    /// <summary>The end of the command's input.</summary>
    public void CloseInput()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The command has ended and the engine closed first.
        }
    }

    /// <returns>0 at the end.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ct)
    {
        if (!Framed)
        {
            return await _stream.ReadAsync(buffer, ct);
        }

        while (_leftInFrame == 0)
        {
            if (await _stream.ReadAtLeastAsync(_header, FrameHeader, throwOnEndOfStream: false, ct) < FrameHeader)
            {
                return 0;
            }

            Number = _header[0];
            _leftInFrame = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(4));
        }

        var count = await _stream.ReadAsync(buffer[..(int)Math.Min((uint)buffer.Length, _leftInFrame)], ct);
        _leftInFrame -= (uint)count;
        return count;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>Byte by byte, so that nothing of the stream behind the head is taken.</summary>
    private async Task ReadHeadAsync(string path, CancellationToken ct)
    {
        var head = new ArrayBufferWriter<byte>();
        while (!head.WrittenSpan.EndsWith("\r\n\r\n"u8))
        {
            if (head.WrittenCount >= MostHead || await _stream.ReadAsync(head.GetMemory(1)[..1], ct) == 0)
            {
                throw EngineClient.Refused($"POST {path}", 0, "the engine closed the connection");
            }

            head.Advance(1);
        }

        var lines = Encoding.ASCII.GetString(head.WrittenSpan).Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        if (status is not (101 or 200))
        {
            throw EngineClient.Refused($"POST {path}", status, EngineClient.MessageOf(await ReadErrorAsync(lines, ct)));
        }
    }

    private async Task<string> ReadErrorAsync(string[] head, CancellationToken ct)
    {
        const string Name = "Content-Length:";
        var line = head.FirstOrDefault(line => line.StartsWith(Name, StringComparison.OrdinalIgnoreCase));
        if (line is null || !int.TryParse(line[Name.Length..], CultureInfo.InvariantCulture, out var length) || length is < 0 or > MostHead)
        {
            return "";
        }

        var body = new byte[length];
        return Encoding.UTF8.GetString(body, 0, await _stream.ReadAtLeastAsync(body, length, throwOnEndOfStream: false, ct));
    }
}
