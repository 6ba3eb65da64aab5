using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Belljar.Mail.Smtp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Belljar.Mail.Tests.Smtp;

/// <summary>A connection to the listener without a socket: two pipes, of which the test holds the other ends.</summary>
internal sealed class MemoryConnection : DefaultConnectionContext, IConnectionLifetimeNotificationFeature
{
    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new();
    private readonly CancellationTokenSource _stopping = new();

    public MemoryConnection(SmtpListener listener, string remote = "192.0.2.7", SmtpService service = SmtpService.Mx)
    {
        RemoteEndPoint = new IPEndPoint(IPAddress.Parse(remote), 4711);
        Transport = new DuplexPipe(_toServer.Reader, _toClient.Writer);
        Features.Set<IConnectionLifetimeNotificationFeature>(this);
        Served = ServeAsync(listener, service);
    }

    /// <summary>Completes when the server is done with the connection.</summary>
    public Task Served { get; }

    public bool WasAborted { get; private set; }

    public CancellationToken ConnectionClosedRequested
    {
        get => _stopping.Token;
        set => throw new NotSupportedException();
    }

    public void RequestClose() => _stopping.Cancel();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        WasAborted = true;
        _toServer.Writer.Complete(abortReason);
        _toClient.Reader.Complete(abortReason);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _toServer.Writer.WriteAsync(bytes);

    public void Finish() => _toServer.Writer.Complete();

    /// <summary>Reads up to the end of a line that is not followed by another of its reply.</summary>
    public async Task<string> ReadReplyAsync()
    {
        var reply = new StringBuilder();
        while (true)
        {
            var read = await _toClient.Reader.ReadAsync();
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.ASCII.GetString(read.Buffer.Slice(0, read.Buffer.GetPosition(1, end)));
                _toClient.Reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                reply.Append(line);
                if (line[3] == ' ')
                {
                    return reply.ToString();
                }
            }
            else if (read.IsCompleted)
            {
                return reply.ToString();
            }
            else
            {
                _toClient.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
    }

    /// <summary>Sends one command and reads its reply.</summary>
    public async Task<string> SayAsync(string command)
    {
        await SendAsync(command + "\r\n");
        return await ReadReplyAsync();
    }

    private async Task ServeAsync(SmtpListener listener, SmtpService service)
    {
        await listener.OnConnectedAsync(this, service);
        await _toClient.Writer.CompleteAsync();
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
