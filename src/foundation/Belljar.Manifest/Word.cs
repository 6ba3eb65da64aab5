using Belljar.Contracts;

namespace Belljar.Manifest;

/// <summary>One of a few words, each standing for a value.</summary>
public static class Word
{
    /// <example><c>Word.Of(("enforce", EgressMode.Enforce), ("audit", EgressMode.Audit))</c></example>
    public static SettingsType<T> Of<T>(params (string Word, T Value)[] words) => new(
        string.Join(", ", words[..^1].Select(word => word.Word)) + (words.Length > 1 ? " or " : "") + words[^1].Word,
        standIn: words[0].Value,
        (string text, out T value) =>
        {
            foreach (var (word, meaning) in words)
            {
                if (word == text)
                {
                    value = meaning;
                    return true;
                }
            }

            value = words[0].Value;
            return false;
        });

    /// <summary>The name of something that a catalogue lists.</summary>
    public static SettingsType<T> In<T>(Registry<T> catalogue)
        where T : class, INamed => Of([.. catalogue.Select(item => (item.Name, item))]);
}
