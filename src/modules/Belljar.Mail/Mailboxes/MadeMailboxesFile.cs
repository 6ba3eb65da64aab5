using System.Text.Json;
using Belljar.Hosting;
using Belljar.Mail.Hooks;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Mailboxes;

/// <summary>
/// Keeps <see cref="MadeMailboxes"/> in <c>mailboxes.json</c> beside the mailboxes, replaced whole by a rename. Read strictly: names
/// become folders, and a mailbox that is left out by mistake would refuse its mail.
/// </summary>
internal sealed class MadeMailboxesFile(MailLayout layout)
{
    /// <exception cref="OperatorException">It cannot be read or understood; the message says what to do.</exception>
    public MadeMailboxes Read()
    {
        try
        {
            var made = File.Exists(layout.MadeMailboxes)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(layout.MadeMailboxes), MailboxesJson.Default.MadeMailboxes) ?? throw new JsonException("it says null")
                : MadeMailboxes.None;
            return Mistake(made) is { } mistake ? throw new JsonException(mistake) : made;
        }
        catch (JsonException broken)
        {
            throw new OperatorException($"{layout.MadeMailboxes} is not as Belljar writes it: {broken.Message} Repair it, or move it away: the mailboxes and hooks that were made by command are then not there.");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{layout.MadeMailboxes} cannot be read by this user: {refused.Message}");
        }
    }

    /// <summary>When it returns, it is on the disk.</summary>
    /// <exception cref="IOException">It is not; what was there before is.</exception>
    public void Write(MadeMailboxes made)
    {
        var temporary = Path.Combine(layout.Root, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            DurableFiles.Write(temporary, JsonSerializer.SerializeToUtf8Bytes(made, MailboxesJson.Default.MadeMailboxes));
            File.Move(temporary, layout.MadeMailboxes, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        DurableFiles.SyncFolder(layout.Root);
    }

    private static string? Mistake(MadeMailboxes made) =>
        made.Mailboxes.FirstOrDefault(mailbox => !MailSettings.IsMailboxName(mailbox.Name)) is { } nameless ? $"'{nameless.Name}' is not a mailbox's name."
        : made.Mailboxes.DistinctBy(mailbox => mailbox.Name).Count() != made.Mailboxes.Count ? "A mailbox stands in it twice."
        : made.Hooks.FirstOrDefault(hook => !MailSettings.IsMailboxName(hook.Name) || !IsEvent(hook.Event) || hook.Does.Mistake(hook.Event) is not null) is { } bad ? $"The hook '{bad.Name}' breaks a rule."
        : made.Hooks.DistinctBy(hook => (hook.Mailbox, hook.Name)).Count() != made.Hooks.Count ? "A hook stands in it twice."
        : null;

    private static bool IsEvent(string text) => text == HookCall.NameOf(HookEvent.OnReceive) || text == HookCall.NameOf(HookEvent.AfterSend);
}
