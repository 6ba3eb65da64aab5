using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Belljar.Contracts.Wire;
using Belljar.Store.Ingest;

namespace Belljar.Store.Tests.Spool;

/// <summary>A recorder that a test scripts: it keeps what it was sent and answers as told.</summary>
internal sealed class FakeRecorder : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SocketFile _listener;
    private readonly Task _serving;

    /// <param name="path">The socket.</param>
    /// <param name="answer">From a batch's lines: null for ACK, "" for silence, else the reason of a NAK.</param>
    public FakeRecorder(string path, Func<string[], string?> answer)
    {
        _listener = SocketFile.Listen(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _serving = ServeAsync(answer);
    }

    public ConcurrentQueue<string[]> Batches { get; } = new();

    /// <summary>Completes when a batch has come in.</summary>
    public async Task ArrivalAsync() => Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(30)), "no batch came");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(Func<string[], string?> answer)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(AnswerAsync(await _listener.Listener.AcceptAsync(_stop.Token), answer));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task AnswerAsync(Socket socket, Func<string[], string?> answer)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var reader = PipeReader.Create(stream);
        var writer = PipeWriter.Create(stream);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(_stop.Token);
                var bytes = read.Buffer;
                while (Frame.Read(ref bytes, out var frame) is FrameStatus.Complete)
                {
                    var lines = Encoding.UTF8.GetString(frame.Body).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                    Batches.Enqueue(lines);
                    if (answer(lines) is not "" and var reason)
                    {
                        IngestProtocol.WriteAnswer(writer, ulong.Parse(frame.Argument), reason);
                        await writer.FlushAsync(_stop.Token);
                    }

                    _arrived.Release();
                }

                reader.AdvanceTo(bytes.Start, bytes.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The test is over, or the sink has given up on this connection.
        }
    }
}
