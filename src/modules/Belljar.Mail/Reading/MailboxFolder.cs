using Belljar.Mail.Storage;

namespace Belljar.Mail.Reading;

/// <summary>A message's file, not read yet.</summary>
/// <param name="Time">From its name, else when it was last written.</param>
internal readonly record struct MessageLocation(string Folder, string Id, string Path, DateTimeOffset Time);

/// <summary>The names in one mailbox's folder.</summary>
internal sealed class MailboxFolder(string path)
{
    public static IEnumerable<string> Names(MailLayout layout, MailFolder folder = MailFolder.Inbox) => Directory.Exists(layout.Folder(folder))
        ? Directory.EnumerateDirectories(layout.Folder(folder)).Select(path => Path.GetFileName(path)).Where(MailSettings.IsMailboxName).Order(StringComparer.Ordinal)
        : [];

    public IEnumerable<MessageLocation> NewestFirst() => Directory.Exists(path)
        ? Locations().OrderByDescending(file => file.Time).ThenByDescending(file => file.Id, StringComparer.Ordinal)
        : [];

    public MessageLocation? Find(string id)
    {
        var plain = MailLayout.PlainFile(path, id);
        var withAttachments = MailLayout.FileWithAttachments(path, id);
        return File.Exists(plain) ? Locate(id, plain)
            : File.Exists(withAttachments) ? Locate(id, withAttachments)
            : null;
    }

    /// <summary>What begins with a dot is not finished, and a folder without its message is none.</summary>
    private IEnumerable<MessageLocation> Locations()
    {
        foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos())
        {
            var id = entry is DirectoryInfo ? entry.Name : Path.GetFileNameWithoutExtension(entry.Name);
            if (!MessageStem.IsSafe(id))
            {
                continue;
            }

            if (entry is FileInfo && entry.Extension == MailLayout.MessageExtension)
            {
                yield return Locate(id, entry.FullName);
            }
            else if (entry is DirectoryInfo && MailLayout.FileWithAttachments(path, id) is var file && File.Exists(file))
            {
                yield return Locate(id, file);
            }
        }
    }

    private MessageLocation Locate(string id, string file) =>
        new(path, id, file, MessageStem.TimeOf(id) ?? new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero));
}
