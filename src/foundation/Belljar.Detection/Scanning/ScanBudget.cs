namespace Belljar.Detection.Scanning;

/// <summary>What decoding may still cost, for a stream and everything inside it. Grows with the bytes that are scanned.</summary>
internal sealed class ScanBudget(ScanLimits limits)
{
    private long _allowed = limits.MostDecodedAtLeast;

    public ScanLimits Limits { get; } = limits;

    /// <summary>Bytes that decoding produced.</summary>
    public long Decoded { get; private set; }

    /// <summary>Why something was not looked at; null: everything was.</summary>
    public string? Incomplete { get; private set; }

    public void Grow(long scanned) => _allowed = Math.Max(Limits.MostDecodedAtLeast, scanned * Limits.MostDecodedPerByte);

    public bool TryTake(int bytes)
    {
        if (Decoded + bytes > _allowed)
        {
            Refuse("decoding would have cost more than allowed");
            return false;
        }

        Decoded += bytes;
        return true;
    }

    public void Refuse(string why) => Incomplete ??= why;
}
