namespace Belljar.Detection;

/// <summary>How far a scan goes. What lies beyond is not passed over in silence: <see cref="Scanner.Incomplete"/> says so.</summary>
public sealed record ScanLimits
{
    public static readonly ScanLimits Default = new();

    /// <summary>How many encodings are undone one inside the other.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>Bytes that one compressed stream may become.</summary>
    public long MostInflated { get; init; } = 64L << 20;

    /// <summary>Bytes that decoding may produce for each byte scanned, and <see cref="MostDecodedAtLeast"/> in any case.</summary>
    public int MostDecodedPerByte { get; init; } = 64;

    public long MostDecodedAtLeast { get; init; } = 16L << 20;

    /// <summary>Findings kept; more are not.</summary>
    public int MostFindings { get; init; } = 10_000;
}
