namespace Belljar.Contracts;

/// <summary>A name that a catalogue does not list. The message says which names it does list, and which one is nearest.</summary>
public sealed class UnknownNameException(string what, string name, IEnumerable<string> known)
    : Exception(Describe(what, name, [.. known]))
{
    private static string Describe(string what, string name, string[] known)
    {
        var nearest = NearestName.Of(name, known);
        var hint = nearest is null ? "" : $" Did you mean '{nearest}'?";
        return $"There is no {what} '{name}'.{hint} Known: {string.Join(", ", known)}.";
    }
}
