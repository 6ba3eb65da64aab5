using System.Security.Cryptography;
using Belljar.Mail.Storage;
using Belljar.Protocols.Sasl;

namespace Belljar.Mail.Submission;

/// <summary>
/// What is kept of the mailboxes' passwords: a file each, <c>logins/NAME.scram</c>, of which the password cannot be read. A
/// mailbox without one has no login. Read anew for each login, so that a changed password counts at once.
/// </summary>
internal sealed class LoginFiles(MailLayout layout)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int SaltLength = 16;

    /// <summary>Some milliseconds of one processor for each guess, ours as well as a thief's of the file.</summary>
    public const int Iterations = 32_768;

    public ScramVerifier? Read(string mailbox)
    {
        try
        {
            return ScramVerifier.TryParse(File.ReadAllText(PathOf(mailbox)).Trim(), out var verifier) ? verifier : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Write(string mailbox, string password)
    {
        DurableFiles.CreateFolder(layout.Root);
        DurableFiles.CreateDurableFolder(layout.Logins);
        var text = ScramVerifier.Of(password, RandomNumberGenerator.GetBytes(SaltLength), Iterations) + "\n";
        var temporary = Path.Combine(layout.Logins, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            FolderOwner.Give(file.SafeFileHandle, temporary);
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, PathOf(mailbox), overwrite: true);
        DurableFiles.SyncFolder(layout.Logins);
    }

    /// <returns>False where there was none.</returns>
    public bool Remove(string mailbox)
    {
        if (!File.Exists(PathOf(mailbox)))
        {
            return false;
        }

        File.Delete(PathOf(mailbox));
        return true;
    }

    private string PathOf(string mailbox) => Path.Combine(layout.Logins, mailbox + ".scram");
}
