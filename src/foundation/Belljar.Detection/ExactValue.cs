namespace Belljar.Detection;

/// <summary>A value that is looked for to the byte, in every encoding.</summary>
/// <param name="Id">Names it in findings; never the value itself.</param>
/// <param name="Value">At least <see cref="ShortestValue"/> bytes.</param>
/// <param name="Kind"><see cref="FindingKind.Planted"/> or <see cref="FindingKind.Known"/>.</param>
public sealed record ExactValue(string Id, ReadOnlyMemory<byte> Value, FindingKind Kind)
{
    /// <summary>Shorter ones would be found in honest text all the time.</summary>
    public const int ShortestValue = 6;

    /// <summary>Not the value.</summary>
    public override string ToString() => $"{Kind} {Id}";
}
