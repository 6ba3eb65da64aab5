using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Belljar.Toml;

/// <summary>Reads TOML 1.0 (https://toml.io/en/v1.0.0). Pure; nothing in the input makes the <c>Try</c> forms throw.</summary>
public static class TomlDocument
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads UTF-8 bytes, with or without a byte order mark.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> utf8,
        [NotNullWhen(true)] out TomlTable? root,
        [NotNullWhen(false)] out TomlError? error,
        TomlLimits? limits = null)
    {
        var parser = new TomlParser(utf8, limits ?? TomlLimits.Default);
        return parser.TryParse(out root, out error);
    }

    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out TomlTable? root,
        [NotNullWhen(false)] out TomlError? error,
        TomlLimits? limits = null)
    {
        try
        {
            return TryParse(StrictUtf8.GetBytes(text), out root, out error, limits);
        }
        catch (EncoderFallbackException unpaired)
        {
            var before = text.AsSpan(0, unpaired.Index);
            var lineStart = before.LastIndexOf('\n') + 1;
            root = null;
            error = new TomlError(
                "half of a surrogate pair",
                new TomlPosition(before.Count('\n') + 1, unpaired.Index - lineStart + 1));
            return false;
        }
    }

    /// <exception cref="TomlException">The text is not TOML, or exceeds the limits.</exception>
    public static TomlTable Parse(string text, TomlLimits? limits = null) =>
        TryParse(text, out var root, out var error, limits) ? root : throw new TomlException(error);

    /// <exception cref="TomlException">The bytes are not TOML, or exceed the limits.</exception>
    public static TomlTable Parse(ReadOnlySpan<byte> utf8, TomlLimits? limits = null) =>
        TryParse(utf8, out var root, out var error, limits) ? root : throw new TomlException(error);
}
