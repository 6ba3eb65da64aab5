namespace Belljar.Toml;

/// <summary>What a document may cost. What exceeds a limit is refused with an error that says which.</summary>
/// <param name="Depth">Levels of tables and arrays below the root, however they are written.</param>
/// <param name="Bytes">Length of the document in UTF-8.</param>
public sealed record TomlLimits(int Depth = 64, int Bytes = 16 * 1024 * 1024)
{
    public static TomlLimits Default { get; } = new();
}
