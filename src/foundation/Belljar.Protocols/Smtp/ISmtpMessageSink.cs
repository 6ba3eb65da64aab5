namespace Belljar.Protocols.Smtp;

/// <summary>
/// Where a message's bytes go while they arrive. It does not throw for trouble of its own (a full disk): it remembers
/// it, drops what follows, and whoever stores the message answers for it.
/// </summary>
public interface ISmtpMessageSink
{
    /// <summary>The next bytes of the message, dots already unstuffed; the span is valid during the call only.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>The message is over, answered or given up: forget its bytes.</summary>
    void Reset();
}
