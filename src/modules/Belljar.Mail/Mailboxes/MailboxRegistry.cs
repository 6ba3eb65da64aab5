using Belljar.Hosting;
using Belljar.Mail.Routing;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Mailboxes;

/// <summary>
/// The mailboxes and hooks that there are at this moment: those of belljar.yaml, and those that were made while the daemon runs.
/// Whoever looks sees one whole state; a change is on the disk before anybody sees it.
/// </summary>
internal sealed class MailboxRegistry
{
    private readonly MailOptions _configured;
    private readonly MadeMailboxesFile? _file;
    private readonly Lock _changing = new();
    private State _now;

    private MailboxRegistry(MailOptions configured, MadeMailboxesFile? file, MadeMailboxes made)
    {
        (_configured, _file) = (configured, file);
        _now = State.Of(configured, made);
    }

    /// <summary>Everything that is configured, with all mailboxes.</summary>
    public MailOptions Options => Now.Options;

    public MailRoutes Routes => Now.Routes;

    public MadeMailboxes Made => Now.Made;

    private State Now => Volatile.Read(ref _now);

    /// <exception cref="OperatorException">The file of what was made cannot be used.</exception>
    public static MailboxRegistry Open(string mailData, MailOptions configured)
    {
        var file = new MadeMailboxesFile(new MailLayout(mailData));
        return new MailboxRegistry(configured, file, file.Read());
    }

    /// <summary>Mailboxes that never change: for whoever has all of them in his hand.</summary>
    public static implicit operator MailboxRegistry(MailOptions all) => new(all, null, MadeMailboxes.None);

    public MailboxOptions? Find(string name) => Options.FindMailbox(name);

    /// <summary>It stands in belljar.yaml, which only its author changes.</summary>
    public bool IsConfigured(string name) => _configured.FindMailbox(name) is not null;

    public bool IsConfigured(string mailbox, string hook) => _configured.FindMailbox(mailbox)?.Hooks.Any(one => one.Name == hook) == true;

    /// <summary>One after the other; the change is made of what is there when its turn comes. Given back as it was, nothing is written.</summary>
    /// <exception cref="IOException">The disk refuses: nothing has changed.</exception>
    public void Change(Func<MadeMailboxes, MadeMailboxes> change)
    {
        var file = _file ?? throw new InvalidOperationException("These mailboxes never change.");
        lock (_changing)
        {
            var made = change(Made);
            if (made == Made)
            {
                return;
            }

            var next = State.Of(_configured, made);
            file.Write(next.Made);
            Volatile.Write(ref _now, next);
        }
    }

    private sealed record State(MailOptions Options, MailRoutes Routes, MadeMailboxes Made)
    {
        public static State Of(MailOptions configured, MadeMailboxes made)
        {
            var all = made.AddTo(configured);
            return new State(all, new MailRoutes(all), made);
        }
    }
}
