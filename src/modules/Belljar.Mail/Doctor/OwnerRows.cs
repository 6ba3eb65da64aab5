using Belljar.Hosting.Doctor;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Doctor;

/// <summary>Who owns the mailboxes. The worker runs as the owner of the mail folder, so what belongs to others it cannot keep.</summary>
internal static class OwnerRows
{
    public static IReadOnlyList<DoctorRow> Find(MailLayout layout, Func<int, string?> nameOf)
    {
        if (FolderOwner.Of(layout.Root) is not { } owner)
        {
            return [new DoctorRow(CheckState.Ok, "no mail yet")];
        }

        if (nameOf(owner) is not { } name)
        {
            return [new DoctorRow(CheckState.Bad, $"{layout.Root} belongs to user {owner}, who does not exist", $"Give it to the user that runs belljar: chown -R USER {layout.Root}")];
        }

        var foreign = Mailboxes(layout).Where(folder => FolderOwner.Of(folder) is { } other && other != owner).ToList();
        return foreign.Count == 0
            ? [new DoctorRow(CheckState.Ok, $"all belongs to {name}")]
            : [.. foreign.Select(folder => new DoctorRow(CheckState.Bad, $"{folder} belongs to {Named(nameOf, FolderOwner.Of(folder)!.Value)}, the mail folder to {name}", $"chown -R {name} {folder}"))];
    }

    /// <summary>Each mailbox, and its folder of original messages.</summary>
    internal static IEnumerable<string> Mailboxes(MailLayout layout) => Enum.GetValues<MailFolder>()
        .Select(layout.Folder)
        .Where(Directory.Exists)
        .SelectMany(Directory.EnumerateDirectories)
        .SelectMany(folder => new[] { folder, MailLayout.Raw(folder) })
        .Where(Directory.Exists);

    private static string Named(Func<int, string?> nameOf, int user) => nameOf(user) ?? $"user {user}, who does not exist";
}
