namespace Belljar.Manifest;

/// <summary>Where a setting was written.</summary>
/// <param name="Source">A file as it should be shown to people, or <c>environment BELLJAR__MAIL__DOMAIN</c>, <c>flag --mail.domain</c>.</param>
/// <param name="Line">From 1; 0 where the source has no lines.</param>
/// <param name="Column">From 1, in characters; 0 where the source has no lines.</param>
public readonly record struct Position(string Source, int Line, int Column)
{
    /// <summary>A source without lines.</summary>
    public static Position Of(string source) => new(source, 0, 0);

    public override string ToString() => Line > 0 ? $"{Source}:{Line}:{Column}" : Source;
}
