using System.Buffers;
using System.Text;
using System.Text.Unicode;
using YamlDotNet.Core;

namespace Belljar.Manifest;

/// <summary>
/// Reads one YAML document into a tree with positions. Bounded, and without what YAML can do beyond a tree: no aliases or
/// anchors, no tags, no second document, no keys that are not text, no duplicate keys. Nothing in it names a type.
/// </summary>
public static class Yaml
{
    /// <summary>The longest file, in bytes.</summary>
    public const int LongestFile = 1 << 20;

    /// <summary>How deep lists and sections may nest.</summary>
    public const int Deepest = 32;

    /// <summary>Reads a file. What cannot be opened is a mistake like any other.</summary>
    /// <returns>Null when there is no tree to read on from; an empty file is an empty section.</returns>
    public static SettingsNode? Load(string path, SettingsErrors errors)
        => SettingsFile.Bytes(path, errors) is { } bytes ? Read(path, bytes, errors) : null;

    /// <param name="source">The name that positions show.</param>
    /// <param name="utf8">The document; a byte order mark is skipped.</param>
    /// <param name="errors">Where mistakes go.</param>
    /// <returns>Null when there is no tree to read on from; an empty document is an empty section.</returns>
    public static SettingsNode? Read(string source, ReadOnlySpan<byte> utf8, SettingsErrors errors)
        => Decode(source, utf8, errors) is { } text ? Read(source, text, firstLine: 1, errors) : null;

    /// <summary>Text out of hostile bytes: bounded, valid UTF-8, no control characters; null and a mistake otherwise.</summary>
    internal static string? Decode(string source, ReadOnlySpan<byte> utf8, SettingsErrors errors)
    {
        if (utf8.Length > LongestFile)
        {
            errors.Add(new SettingsError(Position.Of(source), "", "more than 1 MiB", SettingsFile.Allowed));
            return null;
        }

        utf8 = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (!Utf8.IsValid(utf8))
        {
            errors.Add(new SettingsError(Position.Of(source), "", "bytes that are not UTF-8", SettingsFile.Allowed));
            return null;
        }

        var text = Encoding.UTF8.GetString(utf8);
        var control = text.AsSpan().IndexOfAny(NotPrintable);
        if (control < 0)
        {
            return text;
        }

        var before = text.AsSpan(0, control);
        var at = new Position(source, before.Count('\n') + 1, control - before.LastIndexOf('\n'));
        errors.Add(new SettingsError(at, "", $"the control character U+{(int)text[control]:X4}", SettingsFile.Allowed));
        return null;
    }

    internal static SettingsNode? Read(string source, string text, int firstLine, SettingsErrors errors)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            return new YamlTree(source, firstLine, parser, errors).Document();
        }
        catch (YamlException error)
        {
            return NotYaml(error.Start, error.Message);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException
            or OverflowException or IndexOutOfRangeException or NullReferenceException)
        {
            // The scanner meets some damaged inputs with an exception that is not its own (found by fuzzing).
            return NotYaml(parser.Current?.End ?? Mark.Empty, "damaged");
        }

        SettingsNode? NotYaml(Mark at, string why)
        {
            errors.Add(new SettingsError(YamlTree.PositionOf(source, firstLine, at), "", $"text that is not YAML ({Shown.Line(why)})", ""));
            return null;
        }
    }

    // YAML 1.2 §5.1: all that is not c-printable, and the byte order mark, which belongs to the start alone.
    private static readonly SearchValues<char> NotPrintable = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c is not ('\t' or '\n' or '\r' or '\u0085')), '\uFEFF', '\uFFFE', '\uFFFF']);
}
