namespace Belljar.Decoys.Http;

/// <summary>How a body is delimited: by its length, or in chunks.</summary>
/// <param name="Length">Bytes; null for chunks.</param>
internal readonly record struct BodyFraming(long? Length)
{
    public static readonly BodyFraming None = new(0);

    public static readonly BodyFraming Chunked = new((long?)null);

    public bool IsEmpty => Length == 0;
}
