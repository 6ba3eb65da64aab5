using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Contracts.Wire;

namespace Belljar.Store.Tests.Ingest;

/// <summary>A bare client of <c>ingest.sock</c>, which may also misbehave.</summary>
internal sealed class Producer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;

    public Producer(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _stream = new NetworkStream(_socket);
        _reader = PipeReader.Create(_stream);
    }

    public static string Lines(params IEnumerable<BelljarEvent> events) =>
        string.Concat(events.Select(e => JsonSerializer.Serialize(e, ContractsJson.Default.BelljarEvent) + "\n"));

    public static byte[] Batch(string number, string lines)
    {
        var output = new ArrayBufferWriter<byte>();
        Frame.Write(output, "BATCH", number, Encoding.UTF8.GetBytes(lines));
        return output.WrittenSpan.ToArray();
    }

    public void Send(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>"ACK 1", "NAK 2 {…}", or null when the server closed the connection.</summary>
    public async Task<string?> AnswerAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            while (true)
            {
                var read = await _reader.ReadAsync(patience.Token);
                var bytes = read.Buffer;
                if (Frame.Read(ref bytes, out var frame) is FrameStatus.Complete)
                {
                    var answer = $"{frame.Verb} {frame.Argument} {Encoding.UTF8.GetString(frame.Body)}".TrimEnd();
                    _reader.AdvanceTo(bytes.Start);
                    return answer;
                }

                _reader.AdvanceTo(bytes.Start, bytes.End);
                if (read.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}
