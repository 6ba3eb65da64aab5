using System.Globalization;
using Belljar.Contracts.Wire;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Routing;
using Belljar.Mail.Storage;
using Belljar.Mail.Submission;
using Belljar.Protocols.Aimx;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.LocalSocket;

/// <summary>
/// MAILBOX-CREATE and MAILBOX-DELETE. Everybody may make mailboxes of his own; what is made is on the disk and in force before
/// the answer, without a restart.
/// </summary>
internal sealed class MailboxVerbs(MailboxRegistry mailboxes, MailStore store, MailQueue queue, MailboxLocks locks, MailboxAccess access) : IDisposable
{
    /// <summary>
    /// Whoever reads these speaks for the domain: certificates are issued and abuse is reported on their word (RFC 2142). The
    /// operator alone gives them away.
    /// </summary>
    private static readonly string[] RoleNames =
        ["abuse", "admin", "administrator", "hostmaster", "mailer-daemon", "noc", "postmaster", "root", "security", "ssladmin", "sysadmin", "webmaster"];

    private readonly LoginFiles _logins = new(store.Layout);
    private readonly SemaphoreSlim _oneAtATime = new(1);

    private MakingOptions Making => mailboxes.Options.Making;

    /// <returns>Null when it is done.</returns>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task<AimxError?> CreateAsync(string name, string? owner, PeerCredentials caller, CancellationToken ct)
    {
        var address = MadeMailboxes.AddressOf(name, mailboxes.Options);
        if (!MailSettings.IsMailboxName(name) || !AddressPattern.TryParse(address, out _))
        {
            return new AimxError(
                AimxErrorCode.Validation, $"'{name}' is no name for a mailbox: lower-case letters, digits, '.', '_' and '-', at most 64, a letter or digit first, no dot at the end or beside another");
        }

        if (OwnerOf(owner, caller, out var refused) is var user && refused is not null)
        {
            return refused;
        }

        if (!Making.IsForEverybody && !MailboxAccess.IsOperator(caller))
        {
            return new AimxError(AimxErrorCode.NoAccess, "the operator alone makes mailboxes here");
        }

        if (RoleNames.Contains(name) && !MailboxAccess.IsOperator(caller))
        {
            return new AimxError(AimxErrorCode.NoAccess, $"'{name}' speaks for the domain: the operator alone makes that mailbox");
        }

        await _oneAtATime.WaitAsync(ct);
        try
        {
            if (mailboxes.Find(name) is not null || mailboxes.Routes.Owner(address) is not null)
            {
                return new AimxError(AimxErrorCode.Mailbox, $"there is a mailbox with the name '{name}' or the address {address} already");
            }

            // Whoever has the catch-all receives it today, and was not asked.
            if (!MailboxAccess.IsOperator(caller) && mailboxes.Routes.Find(new SmtpAddress(name, mailboxes.Options.Domains[0])).Kind is RouteKind.Delivered)
            {
                return new AimxError(AimxErrorCode.NoAccess, $"a catch-all receives {address}: the operator alone makes that mailbox");
            }

            if (!MailboxAccess.IsOperator(caller) && mailboxes.Made.Mailboxes.Count(mailbox => mailbox.Owner == user) >= Making.MostOfOneUser)
            {
                return new AimxError(AimxErrorCode.Validation, $"one user may make {Making.MostOfOneUser} mailboxes");
            }

            return await MakeAsync(new MadeMailbox(name, user), address);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>A mailbox that is somebody else's answers as one that is not there: to the byte.</summary>
    /// <returns>Null when it is done.</returns>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task<AimxError?> DeleteAsync(string name, bool force, PeerCredentials caller, CancellationToken ct)
    {
        await _oneAtATime.WaitAsync(ct);
        try
        {
            if (mailboxes.Find(name) is not { } mailbox || !access.May(caller, mailbox))
            {
                return new AimxError(AimxErrorCode.Mailbox, $"there is no mailbox '{name}' of yours");
            }

            if (mailboxes.IsConfigured(name))
            {
                return new AimxError(AimxErrorCode.Validation, $"'{name}' stands in belljar.yaml: take it out there");
            }

            return await RemoveAsync(name, force);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<AimxError?> MakeAsync(MadeMailbox made, string address)
    {
        // Whoever wrote to the address while nobody had it was refused, and is not to be refused for ever.
        await queue.ReleaseAsync(address);
        if (!store.TryAdd(made.ToOptions(mailboxes.Options)))
        {
            return new AimxError(AimxErrorCode.Conflict, $"files with the name '{made.Name}' lie among the mailboxes and belong to none: the operator has to look (belljar doctor)");
        }

        try
        {
            mailboxes.Change(now => now with { Mailboxes = [.. now.Mailboxes, made] });
        }
        catch
        {
            store.Remove(made.Name);
            throw;
        }

        return null;
    }

    private async Task<AimxError?> RemoveAsync(string name, bool force)
    {
        if (!store.TryClose(name))
        {
            return new AimxError(AimxErrorCode.Temporary, $"mail for '{name}' is arriving at this moment, try again");
        }

        var isGone = false;
        try
        {
            if (!force && store.HasFiles(name))
            {
                return new AimxError(AimxErrorCode.NonEmpty, $"'{name}' holds files; Force removes them too");
            }

            await queue.DisownAsync(name);
            lock (locks.Of(name))
            {
                mailboxes.Change(now => now with
                {
                    Mailboxes = [.. now.Mailboxes.Where(mailbox => mailbox.Name != name)],
                    Hooks = [.. now.Hooks.Where(hook => hook.Mailbox != name)],
                });
                isGone = true;
                _logins.Remove(name);
                store.Remove(name);
            }

            return null;
        }
        finally
        {
            if (!isGone)
            {
                store.Reopen(name);
            }
        }
    }

    /// <summary>A user by number; null for whoever runs the worker.</summary>
    private static string? OwnerOf(string? wanted, PeerCredentials caller, out AimxError? refused)
    {
        refused = null;
        if (wanted is null && MailboxAccess.IsOperator(caller))
        {
            return null;
        }

        if (!UserNames.TryFind(wanted ?? caller.Uid.ToString(CultureInfo.InvariantCulture), out var user))
        {
            refused = new AimxError(AimxErrorCode.Validation, $"there is no user '{wanted ?? $"{caller.Uid}"}' on this machine");
        }
        else if (user.Uid != caller.Uid && !MailboxAccess.IsOperator(caller))
        {
            refused = new AimxError(AimxErrorCode.NoAccess, "the operator alone makes mailboxes for others");
        }

        return user.Uid == PeerCredentials.OwnUid ? null : user.Uid.ToString(CultureInfo.InvariantCulture);
    }
}
