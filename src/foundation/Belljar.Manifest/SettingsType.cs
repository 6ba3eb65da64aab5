namespace Belljar.Manifest;

public delegate bool TryParseSetting<T>(string text, out T value);

/// <summary>One type of value: what is allowed, in words that complete "allowed: …", and how text becomes it.</summary>
/// <typeparam name="T">What it becomes.</typeparam>
public sealed class SettingsType<T>(string allowed, T standIn, TryParseSetting<T> parse)
{
    /// <summary>"a whole number from 1 to 65535"</summary>
    public string Allowed => allowed;

    /// <summary>
    /// What a reader returns after a mistake, so that it can go on to the next one. It is never put to use: settings with
    /// mistakes are refused as a whole.
    /// </summary>
    internal T StandIn => standIn;

    /// <summary>The value is never shown, not even when it is wrong.</summary>
    public bool IsSecret { get; init; }

    public bool TryParse(string text, out T value) => parse(text, out value);
}
