namespace Belljar.Mail.Hooks;

/// <summary>When a hook fires.</summary>
public enum HookEvent
{
    /// <summary>A message was stored in the inbox.</summary>
    OnReceive,

    /// <summary>A message of the mailbox was sent, or finally was not.</summary>
    AfterSend,
}

/// <summary>What is done when a message was stored for a mailbox: a program is run, or an address is told.</summary>
public sealed record HookOptions(string Name, HookAction Action)
{
    public HookEvent Event { get; init; }

    /// <summary>After it a program gets SIGTERM, and soon SIGKILL.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Also for mail that is not known to be from whom it says.</summary>
    public bool FireOnUntrusted { get; init; }
}

public abstract record HookAction
{
    private HookAction()
    {
    }

    /// <param name="Command">An absolute program and its arguments; no shell reads them.</param>
    public sealed record Run(IReadOnlyList<string> Command) : HookAction;

    /// <param name="Url">http or https.</param>
    /// <param name="SecretFile">The file whose content (without surrounding white space) signs what is sent.</param>
    public sealed record Post(Uri Url, string SecretFile) : HookAction;
}
