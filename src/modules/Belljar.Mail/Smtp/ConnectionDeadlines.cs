using System.IO.Pipelines;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Smtp;

/// <summary>
/// One connection's deadlines, looked at by the heartbeat that all connections share. A deadline does not tear the
/// connection down: it wakes the reading loop, which says 421 and goes; only who does not let that happen is cut off.
/// </summary>
internal sealed class ConnectionDeadlines(SmtpOptions options, TimeProvider clock, PipeReader input, Action abort)
{
    private PipeReader _input = input;

    /// <summary>How long the loop has to say goodbye, and how long input is still read away after a refusal.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly long _began = clock.GetTimestamp();
    private long _heard = clock.GetTimestamp();
    private long _ended;
    private bool _isStoring;
    private SmtpReply? _ending;

    /// <summary>Why the connection is to end; null while it is not.</summary>
    public SmtpReply? Ending => Volatile.Read(ref _ending);

    /// <summary>What is read from now on: with TLS it is another pipe.</summary>
    public void ReadsFrom(PipeReader other) => Volatile.Write(ref _input, other);

    public void Heard() => Volatile.Write(ref _heard, clock.GetTimestamp());

    /// <summary>While a message is stored the peer is not the one who keeps silent, and it will be told the outcome.</summary>
    public void Storing(bool isStoring)
    {
        Heard();
        Volatile.Write(ref _isStoring, isStoring);
    }

    public void End(SmtpReply reply)
    {
        if (Interlocked.CompareExchange(ref _ending, reply, null) is null)
        {
            Volatile.Write(ref _ended, clock.GetTimestamp());
            Volatile.Read(ref _input).CancelPendingRead();
        }
    }

    public void Beat()
    {
        if (Volatile.Read(ref _isStoring))
        {
            return;
        }

        if (Ending is not null)
        {
            if (clock.GetElapsedTime(Math.Max(Volatile.Read(ref _ended), Volatile.Read(ref _heard))) >= Grace)
            {
                abort();
            }
        }
        else if (clock.GetElapsedTime(_began) >= options.Total)
        {
            End(SmtpReplies.SessionTooLong);
        }
        else if (clock.GetElapsedTime(Volatile.Read(ref _heard)) >= options.Idle)
        {
            End(SmtpReplies.IdleTooLong);
        }
    }
}
