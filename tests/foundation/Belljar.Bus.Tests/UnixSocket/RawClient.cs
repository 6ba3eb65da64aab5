using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Belljar.Contracts.Wire;

namespace Belljar.Bus.Tests.UnixSocket;

/// <summary>A client that sends whatever a test wants and reads frames only when asked.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly PipeReader _reader;

    public RawClient(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _reader = PipeReader.Create(new NetworkStream(_socket));
    }

    public static byte[] Frame(string verb, string argument = "", string body = "")
    {
        var output = new ArrayBufferWriter<byte>();
        Contracts.Wire.Frame.Write(output, verb, argument, Encoding.UTF8.GetBytes(body));
        return output.WrittenSpan.ToArray();
    }

    public Task SendAsync(string verb, string argument = "", string body = "") => SendAsync(Frame(verb, argument, body));

    /// <summary>A peer that has been dropped meanwhile is not this side's mistake.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _socket.SendAsync(bytes, SocketFlags.None, Wait.Deadline());
        }
        catch (SocketException)
        {
            // The reader will say that it is over.
        }
    }

    public async Task SubscribeAsync(string pattern)
    {
        await SendAsync("SUB", pattern);
        Assert.Equal($"SUB {pattern} ", await ReadAsync());
    }

    /// <summary>The next frame as text, <c>VERB argument body</c>; null at the end of the connection.</summary>
    public async Task<string?> ReadAsync()
    {
        while (true)
        {
            ReadResult read;
            try
            {
                read = await _reader.ReadAsync(Wait.Deadline());
            }
            catch (IOException)
            {
                return null;
            }

            var bytes = read.Buffer;
            var status = Contracts.Wire.Frame.Read(ref bytes, out var frame);
            Assert.NotEqual(FrameStatus.Malformed, status);
            var text = status is FrameStatus.Complete ? $"{frame.Verb} {frame.Argument} {Encoding.UTF8.GetString(frame.Body)}" : null;
            _reader.AdvanceTo(bytes.Start, status is FrameStatus.Complete ? bytes.Start : bytes.End);
            if (text is not null || read.IsCompleted)
            {
                return text;
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}
