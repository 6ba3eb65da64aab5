namespace Belljar.Mime;

/// <summary>What a message may cost. What lies beyond a limit is left unparsed and reported as a defect; nothing is refused.</summary>
/// <param name="Depth">Levels of multipart and embedded messages. A multipart beyond is one part with its bytes as they are.</param>
/// <param name="Parts">Parts in all. The last one holds the unsplit rest of its multipart.</param>
/// <param name="Fields">Header fields in all. Those beyond are not listed.</param>
/// <param name="FieldBytes">Bytes of one field's value that are decoded; the rest is cut off.</param>
/// <param name="Defects">Defects that are kept.</param>
public sealed record MimeLimits(int Depth = 32, int Parts = 1000, int Fields = 4000, int FieldBytes = 64 * 1024, int Defects = 100)
{
    public static MimeLimits Default { get; } = new();
}
