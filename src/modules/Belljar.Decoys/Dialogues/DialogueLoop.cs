using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Belljar.Decoys.Dialogues;

/// <summary>
/// One visitor's connection: read, let the dialogue take it, record, answer, again. Whatever the network throws goes to the
/// caller.
/// </summary>
internal sealed class DialogueLoop(Stream stream, IDialogue dialogue, Visit visit, TimeProvider clock, ITlsIdentity? tls = null)
{
    /// <summary>A dialogue bounds its messages; this is what holds where one forgot to.</summary>
    private const int MostUnread = 2 << 20;

    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SendTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    private readonly Stream _connection = stream;
    private Stream _stream = stream;
    private InputBuffer _input = new(stream);

    public async Task RunAsync(CancellationToken ct)
    {
        await visit.ConnectionRecorded;
        try
        {
            if (await PerformAsync(dialogue.Begin(), ct))
            {
                while (await ExchangeAsync(ct))
                {
                }
            }

            await LingerAsync(ct);
        }
        finally
        {
            (dialogue as IDisposable)?.Dispose();
            await visit.RecordSessionEndAsync();
            if (_stream != _connection)
            {
                await _stream.DisposeAsync();
            }
        }
    }

    /// <summary>One message, with whatever belongs to it.</summary>
    /// <returns>Whether the connection stays.</returns>
    private async Task<bool> ExchangeAsync(CancellationToken ct)
    {
        using var deadline = new Deadline(dialogue.Patience, clock, ct);
        while (true)
        {
            var step = _input.IsEmpty ? Step.NeedsMore : dialogue.Take(_input.Unread);
            if (step.Consumed > 0 || step.Closes)
            {
                _input.Consume(step.Consumed);
                return await PerformAsync(step, ct);
            }

            if (_input.Unread.Length > MostUnread)
            {
                return false;
            }

            try
            {
                if (!await _input.FillAsync(deadline.Token))
                {
                    return false;
                }
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                await PerformAsync(dialogue.TimedOut(), ct);
                return false;
            }
        }
    }

    private async Task<bool> PerformAsync(Step step, CancellationToken ct)
    {
        foreach (var report in step.Reports)
        {
            await report.RecordAsync(visit);
        }

        if (step.Pause > TimeSpan.Zero)
        {
            await Task.Delay(step.Pause, clock, ct);
        }

        if (!step.Answer.IsEmpty)
        {
            // A visitor who does not read must not be kept for ever.
            using var deadline = new Deadline(SendTime, clock, ct);
            await _stream.WriteAsync(step.Answer, deadline.Token);
        }

        if (step.StartsTls)
        {
            return await StartTlsAsync(ct);
        }

        return step.Work is { } work ? await PerformAsync(await work(ct), ct) : !step.Closes;
    }

    private async Task<bool> StartTlsAsync(CancellationToken ct)
    {
        if (tls is null || _stream is SslStream || !_input.IsEmpty)
        {
            // Bytes behind the request for TLS were sent by nobody who wants it: they are not carried over.
            return false;
        }

        var secure = new SslStream(_stream, leaveInnerStreamOpen: true);
        _stream = secure;
        _input = new InputBuffer(secure);
        try
        {
            using var deadline = new Deadline(HandshakeTime, clock, ct);
            await secure.AuthenticateAsServerAsync(tls.Options, deadline.Token);
            return true;
        }
        catch (AuthenticationException)
        {
            return false;
        }
    }

    /// <summary>Closing with bytes unread would reset the connection, and the visitor might lose the answer.</summary>
    private async Task LingerAsync(CancellationToken ct)
    {
        if (_connection is not NetworkStream network || _stream != _connection)
        {
            return;
        }

        network.Socket.Shutdown(SocketShutdown.Send);
        using var deadline = new Deadline(LingerTime, clock, ct);
        try
        {
            for (var left = MostUnread; left > 0 && await _input.FillAsync(deadline.Token);)
            {
                left -= _input.Unread.Length;
                _input.Consume(_input.Unread.Length);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // He is still there after all that time; he has had his answer.
        }
    }
}
