using Belljar.Mail.Routing;

namespace Belljar.Mail.Mailboxes;

/// <summary>A mailbox that was made over the local socket; its address is its name in the first domain.</summary>
/// <param name="Owner">A user of this machine, by number; null: whoever runs the worker.</param>
internal sealed record MadeMailbox(string Name, string? Owner = null)
{
    /// <summary>What a user fills is bounded; what is the operator's is not.</summary>
    public MailboxOptions ToOptions(MailOptions configured) =>
        new(Name, [MadeMailboxes.AddressOf(Name, configured)], TrustPolicy.None, Owner is null ? null : configured.Making.QuotaBytes) { Owner = Owner };
}

/// <summary>A hook that was made over the local socket, of a mailbox that was made or is configured.</summary>
/// <param name="Event"><c>on_receive</c> or <c>after_send</c>.</param>
internal sealed record MadeHook(string Mailbox, string Name, string Event, HookForm Does);

/// <summary>What was made while the daemon ran, beside what stands in belljar.yaml; that file is its author's alone.</summary>
internal sealed record MadeMailboxes(IReadOnlyList<MadeMailbox> Mailboxes, IReadOnlyList<MadeHook> Hooks)
{
    public static readonly MadeMailboxes None = new([], []);

    /// <summary>
    /// All mailboxes together. Where both have a name or an address, belljar.yaml is right: its mailbox is there, and of what was
    /// made the hooks with other names.
    /// </summary>
    public MailOptions AddTo(MailOptions configured)
    {
        var routes = new MailRoutes(configured);
        var added = Mailboxes
            .Where(made => configured.FindMailbox(made.Name) is null && routes.Owner(AddressOf(made.Name, configured)) is null)
            .Select(made => made.ToOptions(configured));
        return configured with { Mailboxes = [.. configured.Mailboxes.Concat(added).Select(WithHooks)] };
    }

    public static string AddressOf(string name, MailOptions configured) => $"{name}@{configured.Domains[0]}";

    private MailboxOptions WithHooks(MailboxOptions mailbox)
    {
        var made = Hooks
            .Where(hook => hook.Mailbox == mailbox.Name && mailbox.Hooks.All(other => other.Name != hook.Name))
            .Select(hook => hook.Does.ToOptions(hook.Name, hook.Event));
        return mailbox with { Hooks = [.. mailbox.Hooks, .. made] };
    }
}
