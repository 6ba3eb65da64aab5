using System.Text.Json;
using System.Text.Json.Serialization;
using Belljar.Mail.Hooks;
using Belljar.Protocols.Aimx;

namespace Belljar.Mail.Mailboxes;

/// <summary>What a hook does, as HOOK-CREATE and our file of hooks have it: a program, or an address with a file that signs.</summary>
/// <param name="Timeout">Seconds.</param>
internal sealed record HookForm(
    IReadOnlyList<string>? Run = null, string? Post = null, string? SecretFile = null, int? Timeout = null, bool? FireOnUntrusted = null)
{
    private const int LongestTimeout = 600;

    /// <summary>Strictly: a key that is not known is a mistake, and so is one that stands twice.</summary>
    public static HookForm? TryParse(ReadOnlySpan<byte> json, out AimxError? error)
    {
        error = null;
        try
        {
            if (UnknownKey(json) is { } unknown)
            {
                error = new AimxError(AimxErrorCode.Protocol, $"unknown key '{unknown}'; known are run, post, secret_file, timeout, fire_on_untrusted");
                return null;
            }

            if (JsonSerializer.Deserialize(json, MailboxesJson.Default.HookForm) is { } form)
            {
                return form;
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // The second: text that is no Unicode. Their words name lines and our types; who asked has the body before him.
        }

        error = new AimxError(AimxErrorCode.Malformed, "the body is not a JSON object of a hook's keys, each once and of its type");
        return null;
    }

    /// <returns>The rule that it breaks; null when it can be used.</returns>
    public string? Mistake(string hookEvent)
    {
        if ((Run is null) == (Post is null))
        {
            return "either run (a program and its arguments) or post (an address)";
        }

        if (Timeout is < 1 or > LongestTimeout)
        {
            return $"timeout is a number of seconds, 1 to {LongestTimeout}";
        }

        if (FireOnUntrusted is true && hookEvent != HookCall.NameOf(HookEvent.OnReceive))
        {
            return "fire_on_untrusted is about mail that comes: on_receive alone";
        }

        return Run is not null ? MistakeOfRun(Run) : MistakeOfPost();
    }

    public HookOptions ToOptions(string name, string hookEvent)
    {
        HookAction action = Run is not null ? new HookAction.Run(Run) : new HookAction.Post(new Uri(Post!), SecretFile!);
        var defaults = new HookOptions(name, action);
        return defaults with
        {
            Event = hookEvent == HookCall.NameOf(HookEvent.OnReceive) ? HookEvent.OnReceive : HookEvent.AfterSend,
            Timeout = Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : defaults.Timeout,
            FireOnUntrusted = FireOnUntrusted is true,
        };
    }

    private string? MistakeOfRun(IReadOnlyList<string> run)
    {
        if (SecretFile is not null)
        {
            return "secret_file goes with post";
        }

        return run.Count is 0 or > HookSettings.MostArguments || run.Any(argument => argument is null || argument.Contains('\0')) || !run[0].StartsWith('/')
            ? $"run is a program by its absolute path, then its arguments, at most {HookSettings.MostArguments} in all"
            : null;
    }

    private string? MistakeOfPost() =>
        !HookSettings.IsUrl(Post!) ? "post is an address that begins with https:// or http://, without a password"
        : SecretFile?.StartsWith('/') != true || SecretFile.Contains('\0') ? "post needs secret_file, an absolute path"
        : null;

    private static string? UnknownKey(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName && reader.CurrentDepth == 1
                && reader.GetString() is { } key && key is not ("run" or "post" or "secret_file" or "timeout" or "fire_on_untrusted"))
            {
                return key;
            }
        }

        return null;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(HookForm))]
[JsonSerializable(typeof(MadeMailboxes))]
internal sealed partial class MailboxesJson : JsonSerializerContext;
