using Belljar.Hosting.Doctor;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Doctor;

/// <summary>Mailboxes that nobody configured, originals without their message, and what a crash left behind.</summary>
internal static class OrphanRows
{
    private static readonly TimeSpan Unfinished = TimeSpan.FromHours(1);

    public static IReadOnlyList<DoctorRow> Find(MailLayout layout, MailOptions options, DateTimeOffset now, CancellationToken ct)
    {
        var rows = new List<DoctorRow>();
        foreach (var mailbox in Enum.GetValues<MailFolder>().Select(layout.Folder).Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal))
        {
            ct.ThrowIfCancellationRequested();
            var name = Path.GetFileName(mailbox);
            if (options.FindMailbox(name) is null)
            {
                rows.Add(new DoctorRow(
                    CheckState.Warn, $"{mailbox} belongs to no configured mailbox", $"Add '{name}' to mail.mailboxes, or: belljar mail export {name} {name}.mbox, then delete the folder."));
            }

            Add(rows, Originals(mailbox), $"original messages in {MailLayout.Raw(mailbox)} have no message beside them", "Whoever deleted those messages may delete these too");
            Add(rows, Leftovers(mailbox, now), $"unfinished files in {mailbox}", "A crash left them; they go when the mail worker starts");
        }

        return rows.Count > 0 ? rows : [new DoctorRow(CheckState.Ok, "nothing")];
    }

    private static IEnumerable<string> Originals(string mailbox) => Directory.Exists(MailLayout.Raw(mailbox))
        ? Directory.EnumerateFiles(MailLayout.Raw(mailbox), "*" + MailLayout.RawExtension)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(stem => !stem.StartsWith('.') && !File.Exists(MailLayout.PlainFile(mailbox, stem)) && !File.Exists(MailLayout.FileWithAttachments(mailbox, stem)))
        : [];

    private static IEnumerable<string> Leftovers(string mailbox, DateTimeOffset now) =>
        new[] { mailbox, MailLayout.Raw(mailbox) }
            .Where(Directory.Exists)
            .SelectMany(folder => new DirectoryInfo(folder).EnumerateFileSystemInfos(MailLayout.TemporaryPrefix + "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }))
            .Where(entry => now.UtcDateTime - entry.LastWriteTimeUtc > Unfinished)
            .Select(entry => entry.Name);

    private static void Add(List<DoctorRow> rows, IEnumerable<string> found, string what, string remedy)
    {
        var names = found.ToList();
        if (names.Count > 0)
        {
            rows.Add(new DoctorRow(CheckState.Warn, $"{names.Count} {what}", $"{remedy}; the first is {names[0]}."));
        }
    }
}
