using System.Text;
using Belljar.Toml;

namespace Belljar.Mail.Storage.Journals;

/// <summary>
/// After the power went: the files of each journalled message are written again where the disk lost them. A file with other
/// content was edited by somebody after it was durable, and is left as it is.
/// </summary>
internal static class JournalRecovery
{
    /// <returns>The number of files that were written.</returns>
    public static int Run(MailLayout layout, JournalContent content)
    {
        var written = 0;
        var records = content.Records;
        while (JournalRecord.TryRead(ref records, content.Generation, out var entries, out var raw))
        {
            var message = MimeContent.Read(raw);
            written += entries.Sum(entry => Restore(layout, entry, raw, message));
        }

        return written;
    }

    private static int Restore(MailLayout layout, JournalEntry entry, ReadOnlyMemory<byte> raw, MessageContent message)
    {
        var folder = Path.Combine(layout.Root, entry.Folder);
        if (!MessageStem.IsSafe(entry.Stem) || !Directory.Exists(MailLayout.Raw(folder)))
        {
            return 0;
        }

        // The message's own file last: from then on it is listed.
        var written = Restore(MailLayout.RawFile(folder, entry.Stem), entry.Trace, raw);
        var names = AttachmentNames(entry);
        if (names.Count == 0)
        {
            return written + Restore(MailLayout.PlainFile(folder, entry.Stem), entry.Frontmatter, MessageFile.Body(message.Body));
        }

        var own = Path.Combine(folder, entry.Stem);
        DurableFiles.CreateFolder(own);
        written += names.Zip(message.Attachments).Sum(pair => Restore(Path.Combine(own, pair.First), [], pair.Second.Bytes));
        return written + Restore(MailLayout.FileWithAttachments(folder, entry.Stem), entry.Frontmatter, MessageFile.Body(message.Body));
    }

    private static List<string> AttachmentNames(JournalEntry entry)
    {
        var text = Encoding.UTF8.GetString(entry.Frontmatter).Trim('\n');
        var inner = text[MessageFile.Delimiter.Length..^MessageFile.Delimiter.Length];
        return [.. TomlDocument.Parse(inner).GetTables("attachments").Select(table => table.GetString("path")!)];
    }

    private static int Restore(string path, byte[] first, ReadOnlyMemory<byte> second)
    {
        if (!IsMissingOrTorn(path, first, second.Span))
        {
            return 0;
        }

        var temporary = Path.Combine(Path.GetDirectoryName(path)!, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        DurableFiles.Write(temporary, first, second);
        File.Move(temporary, path, overwrite: true);
        return 1;
    }

    /// <summary>
    /// Disks that lose a write leave the file short, or zeros where its bytes were not written yet. Anything else in it was
    /// written by somebody.
    /// </summary>
    private static bool IsMissingOrTorn(string path, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (!File.Exists(path))
        {
            return true;
        }

        var found = File.ReadAllBytes(path).AsSpan();
        var isWhole = found.Length == first.Length + second.Length;
        if (found.Length > first.Length + second.Length)
        {
            return false;
        }

        for (var i = 0; i < found.Length; i++)
        {
            var wanted = i < first.Length ? first[i] : second[i - first.Length];
            if (found[i] != wanted)
            {
                if (found[i] != 0)
                {
                    return false;
                }

                isWhole = false;
            }
        }

        return !isWhole;
    }
}
