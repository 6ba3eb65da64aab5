using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using Belljar.Contracts.Wire;
using Belljar.Store.Ingest;

namespace Belljar.Store.Spool;

/// <summary>
/// The producer's connection to the recorder: one batch at a time, each answered before the next. Anything unexpected
/// (no answer in time, another answer, a closed connection) closes it and means <see cref="BatchOutcome.NotNow"/>.
/// </summary>
internal sealed class IngestLink(string path, TimeSpan deadline, TimeProvider clock) : IBatchDestination, IDisposable
{
    private NetworkStream? _stream;
    private PipeReader? _answers;
    private PipeWriter? _batches;
    private ulong _number;

    public bool IsConnected => _stream is not null;

    public async Task<bool> ConnectAsync(CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            _stream = new NetworkStream(socket, ownsSocket: true);
            _answers = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
            _batches = PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true));
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return false;
        }
    }

    public async Task<BatchOutcome> SendAsync(ReadOnlyMemory<byte> lines, CancellationToken ct)
    {
        if (_batches is null)
        {
            return BatchOutcome.NotNow;
        }

        using var late = new CancellationTokenSource(deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            var number = (++_number).ToString(CultureInfo.InvariantCulture);
            Frame.Write(_batches, IngestProtocol.Batch, number, lines.Span);
            await _batches.FlushAsync(either.Token);
            if (await AnswerAsync(number, either.Token) is { } outcome)
            {
                return outcome;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Whether it was stored is not known: it is sent again, and its ids keep it from being stored twice.
        }

        Close();
        return BatchOutcome.NotNow;
    }

    public void Dispose() => Close();

    private async Task<BatchOutcome?> AnswerAsync(string number, CancellationToken ct)
    {
        while (true)
        {
            var read = await _answers!.ReadAsync(ct);
            var bytes = read.Buffer;
            var status = Frame.Read(ref bytes, out var frame);
            if (status is FrameStatus.Complete)
            {
                var outcome = Outcome(frame, number);
                _answers.AdvanceTo(bytes.Start);
                return outcome;
            }

            _answers.AdvanceTo(bytes.Start, bytes.End);
            if (status is FrameStatus.Malformed || read.IsCompleted)
            {
                return null;
            }
        }
    }

    private static BatchOutcome? Outcome(Frame frame, string number) => frame.Verb switch
    {
        _ when frame.Argument != number => null,
        IngestProtocol.Ack => BatchOutcome.Stored,
        IngestProtocol.Nak => BatchOutcome.Rejected(IngestProtocol.ReasonOf(frame.Body)),
        _ => null,
    };

    private void Close()
    {
        _stream?.Dispose();
        (_stream, _answers, _batches) = (null, null, null);
    }
}
