using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;
using Belljar.Contracts.Wire;
using Belljar.Store.Events;
using Microsoft.Extensions.Logging;

namespace Belljar.Store.Ingest;

/// <summary>
/// One producer's connection. Reading and answering are two loops, so that neither the writer nor another connection
/// ever waits for a producer that does not read its answers: such a one only stops being read from.
/// </summary>
internal sealed partial class IngestConnection : IDisposable
{
    private const int ReadBytes = 64 * 1024;

    private readonly Socket _socket;
    private readonly Sender _sender;
    private readonly IngestRule? _rule;
    private readonly BatchParser _parser;
    private readonly BatchWriter _writer;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _window;
    private readonly Channel<(ulong Number, string? Rejection)> _answers;

    public IngestConnection(Socket socket, Sender sender, IngestOptions options, BatchParser parser, BatchWriter writer, ILogger logger)
    {
        _socket = socket;
        _sender = sender;
        _rule = IngestRule.For(sender.Uid, options.Rules);
        _parser = parser;
        _writer = writer;
        _logger = logger;
        _window = new SemaphoreSlim(options.MaxUnanswered);

        // Never more than the window allows, so that an answer always finds room.
        _answers = Channel.CreateBounded<(ulong, string?)>(options.MaxUnanswered);
    }

    /// <summary>Until the producer leaves, breaks the rules, or <paramref name="ct"/> ends.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var stream = new NetworkStream(_socket);
        var answering = AnswerAsync(stream, ended);
        try
        {
            await ReadAsync(stream, ended.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The producer went away; whatever it was not told of it sends again.
        }
        catch (Exception e)
        {
            LogFailed(e, _sender.Uid, _sender.Pid);
        }

        _answers.Writer.TryComplete();
        await ended.CancelAsync();
        await answering;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _window.Dispose();
    }

    private async Task ReadAsync(NetworkStream stream, CancellationToken ct)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true, useZeroByteReads: true));
        while (true)
        {
            var read = await pipe.ReadAsync(ct);
            var bytes = read.Buffer;
            while (true)
            {
                var status = Frame.Read(ref bytes, out var frame);
                if (status is FrameStatus.Malformed || (status is FrameStatus.Complete && !await AcceptAsync(frame, ct)))
                {
                    LogHostile(_sender.Uid, _sender.Pid);
                    return;
                }

                if (status is FrameStatus.Incomplete)
                {
                    break;
                }
            }

            pipe.AdvanceTo(bytes.Start, bytes.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>False when it is not a frame of this protocol.</summary>
    private async ValueTask<bool> AcceptAsync(Frame frame, CancellationToken ct)
    {
        if (frame.Verb != IngestProtocol.Batch || !IngestProtocol.TryNumber(frame.Argument, out var number))
        {
            return false;
        }

        await _window.WaitAsync(ct);
        if (!_parser.TryParse(frame.Body, _sender, _rule, out var events, out var reason))
        {
            LogRejected(_sender.Uid, _sender.Pid, reason);
            Answer(number, BatchOutcome.Rejected(reason));
            return true;
        }

        if (events.Count == 0)
        {
            Answer(number, BatchOutcome.Stored);
            return true;
        }

        await _writer.WriteAsync(new PendingBatch(events, outcome => Answer(number, outcome)), ct);
        return true;
    }

    private void Answer(ulong number, BatchOutcome outcome)
    {
        if (outcome == BatchOutcome.NotNow)
        {
            // Ends the answering loop with an error, which closes the connection.
            _answers.Writer.TryComplete(new IOException("The log cannot be written now."));
            return;
        }

        _answers.Writer.TryWrite((number, outcome.Rejection));
    }

    private async Task AnswerAsync(NetworkStream stream, CancellationTokenSource ended)
    {
        try
        {
            var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
            while (await _answers.Reader.WaitToReadAsync(ended.Token))
            {
                var count = 0;
                while (_answers.Reader.TryRead(out var answer))
                {
                    IngestProtocol.WriteAnswer(output, answer.Number, answer.Rejection);
                    count++;
                }

                await output.FlushAsync(ended.Token);
                _window.Release(count);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            await ended.CancelAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A producer (uid {Uid}, pid {Pid}) broke the protocol of ingest.sock and was dropped")]
    private partial void LogHostile(int uid, int pid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of uid {Uid}, pid {Pid} was refused: {Reason}")]
    private partial void LogRejected(int uid, int pid, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A connection of uid {Uid}, pid {Pid} failed")]
    private partial void LogFailed(Exception error, int uid, int pid);
}
