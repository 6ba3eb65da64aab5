using Belljar.Mail.Storage;
using Belljar.Mime.Headers;
using Belljar.Mime.Text;
using Belljar.Toml;

namespace Belljar.Mail.Reading;

/// <summary>From a file to what is shown of it. People edit these files, so nothing in one is taken for granted.</summary>
internal static class MessageReading
{
    private const int FirstRead = 16 * 1024;
    private const int LongestFrontmatter = 4 * 1024 * 1024;
    private const int LongestText = 300;

    /// <returns>Null when the file has gone.</returns>
    public static MessageSummary? Summarise(MessageLocation file)
    {
        // Most frontmatter is short: the rest of a long message is not read for a listing.
        for (var most = FirstRead; ; most *= 16)
        {
            if (ReadBytes(file.Path, most, out var trouble) is not { } bytes)
            {
                return null;
            }

            var text = FrontmatterText.Split(bytes);
            if (trouble is not null)
            {
                return Summarise(file, text, out _) with { Problem = trouble };
            }

            if (text.Frontmatter is not null || bytes.Length < most || most >= LongestFrontmatter)
            {
                return Summarise(file, text, out _);
            }
        }
    }

    /// <returns>Null when the file has gone.</returns>
    public static StoredMessage? Read(MessageLocation file)
    {
        if (ReadBytes(file.Path, int.MaxValue, out var trouble) is not { } bytes)
        {
            return null;
        }

        var text = FrontmatterText.Split(bytes);
        var summary = Summarise(file, text, out var fields);
        summary = summary with { Problem = trouble ?? summary.Problem };
        var raw = MailLayout.RawFile(file.Folder, file.Id);
        return new StoredMessage(summary, fields, text.Body, file.Path, File.Exists(raw) ? raw : null, Attachments(file, fields));
    }

    private static MessageSummary Summarise(MessageLocation file, FrontmatterText text, out TomlTable fields)
    {
        fields = Parse(text, out var problem);
        return new MessageSummary(
            file.Id,
            Addresses(fields, "from"),
            Addresses(fields, "to"),
            SafeText.OneLine(fields.GetString("subject") ?? "", LongestText),
            fields.GetDateTime("date"),
            fields.GetDateTime("received_at") ?? file.Time,
            fields.GetBoolean("read") ?? false,
            fields.GetString("trusted") is "true" or "false" ? fields.GetString("trusted")! : "none",
            fields.GetTables("attachments").Count,
            problem);
    }

    private static TomlTable Parse(FrontmatterText text, out string? problem)
    {
        if (text.Frontmatter is null)
        {
            problem = "no frontmatter between two lines of +++";
            return new TomlTable();
        }

        var valid = TomlDocument.TryParse(text.Frontmatter, out var fields, out var error);
        problem = valid ? null : SafeText.OneLine($"the frontmatter is not TOML: {error}", LongestText);
        return fields ?? new TomlTable();
    }

    private static string Addresses(TomlTable fields, string key) =>
        SafeText.OneLine(string.Join(", ", AddressList.Parse(fields.GetString(key) ?? "").Take(20).Select(address => address.ToDisplay())), 2 * LongestText);

    /// <summary>A path in the file may have been edited: only names within the message's own folder count.</summary>
    private static List<string> Attachments(MessageLocation file, TomlTable fields) =>
    [
        .. fields.GetTables("attachments")
            .Select(attachment => attachment.GetString("path"))
            .Where(name => !string.IsNullOrEmpty(name) && name == Path.GetFileName(name) && name is not ("." or ".."))
            .Select(name => Path.Combine(file.Folder, file.Id, name!))
            .Where(File.Exists),
    ];

    /// <returns>Null when the file has gone; nothing, and what the trouble is, when it cannot be read.</returns>
    private static byte[]? ReadBytes(string path, int most, out string? trouble)
    {
        trouble = null;
        try
        {
            using var file = File.OpenHandle(path);
            var bytes = new byte[Math.Min(RandomAccess.GetLength(file), most)];
            var length = 0;
            for (int read; length < bytes.Length && (read = RandomAccess.Read(file, bytes.AsSpan(length), length)) > 0;)
            {
                length += read;
            }

            return length == bytes.Length ? bytes : bytes[..length];
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            trouble = SafeText.OneLine($"the file cannot be read: {failed.Message}", LongestText);
            return [];
        }
    }
}
