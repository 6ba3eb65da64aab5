namespace Belljar.Manifest;

/// <summary>
/// Markdown with settings before it: a line <c>---</c>, YAML, a line <c>---</c>, the body. Positions are those of the file.
/// </summary>
/// <param name="Settings">What stands between the lines.</param>
/// <param name="Body">All that follows, line ends as written.</param>
/// <param name="BodyLine">The line of the file in which the body begins, from 1.</param>
public sealed record Frontmatter(SettingsNode Settings, string Body, int BodyLine)
{
    private const string AllowedForm = "a line '---', settings, a line '---', then the text";

    /// <returns>Null when there were mistakes that leave nothing to read on from.</returns>
    public static Frontmatter? Load(string path, SettingsErrors errors)
        => SettingsFile.Bytes(path, errors) is { } bytes ? Read(path, bytes, errors) : null;

    /// <inheritdoc cref="Load"/>
    public static Frontmatter? Read(string source, ReadOnlySpan<byte> utf8, SettingsErrors errors)
    {
        if (Yaml.Decode(source, utf8, errors) is not { } text)
        {
            return null;
        }

        var (line, start) = (1, NextLine(text, 0));
        if (!IsFence(text, 0, start))
        {
            errors.Add(new SettingsError(new Position(source, 1, 1), "", "no frontmatter", AllowedForm));
            return null;
        }

        for (var at = start; at < text.Length;)
        {
            var next = NextLine(text, at);
            line++;
            if (IsFence(text, at, next))
            {
                return Yaml.Read(source, text[start..at], firstLine: 2, errors) is { } settings
                    ? new Frontmatter(settings, text[next..], line + 1)
                    : null;
            }

            at = next;
        }

        errors.Add(new SettingsError(new Position(source, 1, 1), "", "frontmatter without an end", AllowedForm));
        return null;
    }

    private static int NextLine(string text, int at)
    {
        var end = text.IndexOf('\n', at);
        return end < 0 ? text.Length : end + 1;
    }

    private static bool IsFence(string text, int start, int end) => text.AsSpan(start, end - start).TrimEnd() is "---";
}
