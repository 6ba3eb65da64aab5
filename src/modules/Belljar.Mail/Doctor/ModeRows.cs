using Belljar.Hosting.Doctor;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Doctor;

/// <summary>Folders are 0750 and files 0640: what gives more was changed by somebody.</summary>
internal static class ModeRows
{
    private const UnixFileMode TooMuch =
        UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.SetUser | UnixFileMode.SetGroup;

    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };

    public static IReadOnlyList<DoctorRow> Find(MailLayout layout, CancellationToken ct)
    {
        var rows = new List<DoctorRow>();
        foreach (var folder in new[] { layout.Folder(MailFolder.Inbox), layout.Folder(MailFolder.Sent), layout.SigningKeys, layout.Tls, layout.Journal }.Where(Directory.Exists))
        {
            var (drifted, first) = Count(folder, ct);
            if (drifted > 0)
            {
                rows.Add(new DoctorRow(CheckState.Bad, $"{drifted} files or folders in {folder} are open to others, among them {first}", $"chmod -R g-ws,o-rwx,u-s {folder}"));
            }
        }

        return rows.Count > 0 ? rows : [new DoctorRow(CheckState.Ok, "for their owner and his group to read, for their owner to write")];
    }

    private static (int Count, string First) Count(string folder, CancellationToken ct)
    {
        var (count, first) = (0, "");
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything).Prepend(new DirectoryInfo(folder)))
        {
            ct.ThrowIfCancellationRequested();

            // A link has no mode of its own.
            if (entry.LinkTarget is null && (entry.UnixFileMode & TooMuch) != UnixFileMode.None)
            {
                first = count++ == 0 ? entry.FullName : first;
            }
        }

        return (count, first);
    }
}
