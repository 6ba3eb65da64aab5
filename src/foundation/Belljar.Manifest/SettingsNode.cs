namespace Belljar.Manifest;

/// <summary>A setting as it was written, before anybody knows its type. Immutable; it knows where it stands.</summary>
public abstract record SettingsNode(Position Position)
{
    /// <summary>What this is, in words for an error message; a scalar's text is shortened and made printable.</summary>
    public abstract string Describe();

    /// <summary>The same for the same content, wherever it stands: by this a change is noticed. It holds secrets: never show it.</summary>
    public abstract string ToText();
}

/// <param name="Value">The text, unquoted and unescaped.</param>
/// <param name="IsPlain">Written without quotes: only then can it stand for nothing.</param>
public sealed record SettingsScalar(Position Position, string Value, bool IsPlain) : SettingsNode(Position)
{
    /// <summary><c>key:</c>, <c>key: ~</c> or <c>key: null</c>.</summary>
    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";

    public override string Describe() => IsNull ? "nothing" : Shown.Quoted(Value);

    public override string ToText() => IsNull ? "~" : $"{Value.Length}:{Value}";
}

public sealed record SettingsSequence(Position Position, IReadOnlyList<SettingsNode> Items) : SettingsNode(Position)
{
    public override string Describe() => Items.Count == 0 ? "an empty list" : "a list";

    public override string ToText() => $"[{string.Join(',', Items.Select(item => item.ToText()))}]";
}

/// <summary>Keys are unique and stand in the order in which they were written.</summary>
public sealed record SettingsMapping(Position Position, IReadOnlyList<SettingsEntry> Entries) : SettingsNode(Position)
{
    public static SettingsMapping Empty(Position at) => new(at, []);

    public override string Describe() => "a section";

    public override string ToText() => $"{{{string.Join(',', Entries.Select(entry => $"{entry.Key}={entry.Value.ToText()}"))}}}";
}

/// <param name="IsLoose">
/// The key came from a place where its exact spelling cannot be written (an environment variable): case does not count,
/// and <c>_</c> stands for <c>-</c> too.
/// </param>
public sealed record SettingsEntry(string Key, Position KeyPosition, SettingsNode Value, bool IsLoose = false)
{
    /// <summary>Whether a reader that asks for <paramref name="key"/> means this entry.</summary>
    public bool IsCalled(string key) => IsLoose
        ? string.Equals(Key.Replace('-', '_'), key.Replace('-', '_'), StringComparison.OrdinalIgnoreCase)
        : Key == key;
}
