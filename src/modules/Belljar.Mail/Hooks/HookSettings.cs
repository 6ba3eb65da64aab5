using Belljar.Manifest;

namespace Belljar.Mail.Hooks;

/// <summary>Reads <c>hooks</c> of a mailbox: name → <c>run</c> or <c>post</c>, and when.</summary>
internal static class HookSettings
{
    public const int MostHooks = 20;
    public const int MostArguments = 100;

    private static readonly SettingsType<string> Name = Text.Matching("lower-case letters, digits, '.', '_' and '-', at most 64", MailSettings.IsMailboxName);

    private static readonly SettingsType<HookEvent> Event = Word.Of(
        (HookCall.NameOf(HookEvent.OnReceive), HookEvent.OnReceive), (HookCall.NameOf(HookEvent.AfterSend), HookEvent.AfterSend));

    private static readonly SettingsType<string> Argument = Text.Matching("text without NUL", text => !text.Contains('\0'));

    private static readonly SettingsType<string> Url = Text.Matching(
        "an address that begins with https:// or http://, without a password", IsUrl);

    public static IReadOnlyList<HookOptions> Read(SettingsReader mailbox) =>
        mailbox.Has("hooks") ? [.. mailbox.NamedSections("hooks", Name, MostHooks).Select(named => Read(named.Name, named.Section)).OfType<HookOptions>()] : [];

    internal static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0;

    private static HookOptions? Read(string name, SettingsReader hook)
    {
        var defaults = new HookOptions(name, new HookAction.Run([]));
        var when = hook.Optional("event", defaults.Event, Event);
        var timeout = hook.Optional("timeout", defaults.Timeout, Duration.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(600)));
        var untrusted = hook.Optional("fire_on_untrusted", defaults.FireOnUntrusted, Flag.TrueOrFalse);
        return ReadAction(hook) is { } action ? new HookOptions(name, action) { Event = when, Timeout = timeout, FireOnUntrusted = untrusted } : null;
    }

    private static HookAction? ReadAction(SettingsReader hook)
    {
        if (hook.Has("run") == hook.Has("post"))
        {
            hook.Mistake(hook.Has("run") ? "post" : "run", "either run (a program and its arguments) or post (an address)");
            return null;
        }

        if (hook.Has("post"))
        {
            var url = hook.Required("post", Url);
            var secret = hook.Required("secret_file", Text.AbsolutePath);
            return Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? new HookAction.Post(parsed, secret) : null;
        }

        var command = hook.List("run", Argument, atLeast: 1, atMost: MostArguments);
        if (command.Count > 0 && !command[0].StartsWith('/'))
        {
            hook.Mistake("run", "a program by its absolute path, then its arguments: [/usr/local/bin/notify, --now]");
            return null;
        }

        return command.Count > 0 ? new HookAction.Run(command) : null;
    }
}
