using System.Buffers;
using Belljar.Hosting;

namespace Belljar.Mail.Transfer;

/// <summary>Reads the messages of one Maildir: what lies in <c>new</c> and <c>cur</c>.</summary>
internal static class MaildirReader
{
    private static readonly string[] WithMessages = ["cur", "new"];

    public static bool IsMaildir(string path) => Directory.Exists(Path.Combine(path, "cur")) || Directory.Exists(Path.Combine(path, "new"));

    /// <exception cref="OperatorException">The folder is not a Maildir, or a file in it cannot be read.</exception>
    public static IEnumerable<ImportedMessage> Read(string path)
    {
        if (!IsMaildir(path))
        {
            throw new OperatorException($"{path} is not a Maildir: it has neither 'cur' nor 'new' in it.");
        }

        foreach (var folder in WithMessages.Select(name => Path.Combine(path, name)).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder).Where(file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal))
            {
                yield return Read(new FileInfo(file));
            }
        }
    }

    /// <summary>Folders of Maildir++ (<c>.Sent</c>), which are mailboxes of their own.</summary>
    public static IReadOnlyList<string> Subfolders(string path) =>
        [.. Directory.EnumerateDirectories(path, ".*").Where(IsMaildir).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    private static ImportedMessage Read(FileInfo file)
    {
        try
        {
            return ImportedMessage.OfMaildir(file.Name, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero), WithCrLf(File.ReadAllBytes(file.FullName)));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{file.FullName} cannot be read: {failed.Message}");
        }
    }

    /// <summary>Files end their lines with LF, messages with CRLF.</summary>
    private static byte[] WithCrLf(byte[] bytes)
    {
        var written = new ArrayBufferWriter<byte>(bytes.Length + (bytes.Length / 32) + 16);
        var rest = bytes.AsSpan();
        for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
        {
            var line = rest[..end];
            written.Write(line.EndsWith("\r"u8) ? line[..^1] : line);
            written.Write("\r\n"u8);
        }

        written.Write(rest);
        return written.WrittenSpan.ToArray();
    }
}
