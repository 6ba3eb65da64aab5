using System.Security.Cryptography;
using System.Text;
using Belljar.Contracts.Wire;
using Belljar.Mail.Hooks;
using Belljar.Mail.Mailboxes;
using Belljar.Protocols.Aimx;

namespace Belljar.Mail.LocalSocket;

/// <summary>HOOK-CREATE and HOOK-DELETE of a mailbox that the caller may use. In force with the next message, on the disk before the answer.</summary>
internal sealed class HookVerbs(MailboxRegistry mailboxes)
{
    private const int LengthOfMadeName = 12;

    /// <param name="name">Null: one that follows from what the hook does.</param>
    /// <returns>Null when it is done.</returns>
    /// <exception cref="IOException">The disk refuses.</exception>
    public AimxError? Create(string mailbox, string hookEvent, string? name, ReadOnlySpan<byte> json, PeerCredentials caller)
    {
        if (HookForm.TryParse(json, out var unreadable) is not { } form)
        {
            return unreadable;
        }

        name ??= Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(hookEvent + "\n"), .. json]))[..LengthOfMadeName];
        if (!MailSettings.IsMailboxName(name))
        {
            return new AimxError(AimxErrorCode.Validation, $"'{name}' is no name for a hook: lower-case letters, digits, '.', '_' and '-', at most 64");
        }

        if (form.Mistake(hookEvent) is { } mistake)
        {
            return new AimxError(AimxErrorCode.Validation, mistake);
        }

        // It is read, and connections are made, by the daemon and not by the mailbox's owner.
        if (form.Post is not null && !MailboxAccess.IsOperator(caller))
        {
            return new AimxError(AimxErrorCode.NoAccess, "the operator alone makes hooks that post");
        }

        AimxError? refused = null;
        mailboxes.Change(now =>
        {
            var hooks = mailboxes.Find(mailbox)?.Hooks;
            refused = hooks is null ? new AimxError(AimxErrorCode.NoEntry, $"there is no mailbox '{mailbox}'")
                : hooks.Any(hook => hook.Name == name) ? new AimxError(AimxErrorCode.Validation, $"'{mailbox}' has a hook '{name}' already")
                : hooks.Count >= HookSettings.MostHooks ? new AimxError(AimxErrorCode.Validation, $"a mailbox has at most {HookSettings.MostHooks} hooks")
                : null;
            return refused is null ? now with { Hooks = [.. now.Hooks, new MadeHook(mailbox, name, hookEvent, form)] } : now;
        });
        return refused;
    }

    /// <returns>Null when it is done.</returns>
    /// <exception cref="IOException">The disk refuses.</exception>
    public AimxError? Delete(string mailbox, string name)
    {
        if (mailboxes.IsConfigured(mailbox, name))
        {
            return new AimxError(AimxErrorCode.Validation, $"the hook '{name}' stands in belljar.yaml: take it out there");
        }

        var isThere = false;
        mailboxes.Change(now =>
        {
            isThere = now.Hooks.Any(hook => hook.Mailbox == mailbox && hook.Name == name);
            return isThere ? now with { Hooks = [.. now.Hooks.Where(hook => hook.Mailbox != mailbox || hook.Name != name)] } : now;
        });
        return isThere ? null : new AimxError(AimxErrorCode.NoEntry, $"'{mailbox}' has no hook '{name}'");
    }
}
