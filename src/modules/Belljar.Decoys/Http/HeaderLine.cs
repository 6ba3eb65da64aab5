using Belljar.Contracts.Events;

namespace Belljar.Decoys.Http;

/// <summary>One field as it came, and whether the product takes notice of it.</summary>
internal readonly record struct HeaderLine(string Name, string Value, bool IsIgnored)
{
    public bool Is(string name) => !IsIgnored && Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Cut to what an event may hold.</summary>
    public HeaderField ToField() => new(Cut(Name), Cut(Value));

    private static string Cut(string text) => text.Length <= 1024 ? text : text[..1024];
}
