namespace Belljar.Detection.Validators;

/// <summary>
/// Whether a value was drawn by a machine rather than written by a person. Random text changes between upper case, lower
/// case and digits at every second character; names, paths and sentences hardly ever do.
/// </summary>
internal static class AssignedSecret
{
    /// <summary>Changes of class for each neighbouring pair. Random base 62 has 0.62, base 36 0.40, hex 0.47; names stay below 0.15.</summary>
    private const double FewestChanges = 0.25;

    public static bool IsRandom(ReadOnlySpan<byte> value)
    {
        var (letters, digits, marks, changes) = (0, 0, 0, 0);
        var before = -1;
        foreach (var c in value)
        {
            var kind = Kind(c);
            letters += kind is 0 or 1 ? 1 : 0;
            digits += kind == 2 ? 1 : 0;
            marks += kind == 3 ? 1 : 0;
            changes += before >= 0 && kind != before ? 1 : 0;
            before = kind;
        }

        return digits >= 2
            && letters >= 2
            && marks <= value.Length / 5
            && changes >= (value.Length - 1) * FewestChanges
            && !Uuid.IsOne(value)
            && !Placeholder.Holds(value);
    }

    private static int Kind(byte c) => c switch
    {
        >= (byte)'a' and <= (byte)'z' => 0,
        >= (byte)'A' and <= (byte)'Z' => 1,
        >= (byte)'0' and <= (byte)'9' => 2,
        _ => 3,
    };
}
