using Belljar.Manifest;

namespace Belljar.Egress.Policy;

/// <summary>Reads a route's <c>auth</c>.</summary>
internal static class AuthSection
{
    private const int MostWords = 50;

    private static readonly SettingsType<AuthScheme> Scheme = Word.Of(
        ("bearer", AuthScheme.Bearer), ("Bearer", AuthScheme.Bearer), ("token", AuthScheme.Token), ("basic", AuthScheme.Basic), ("header", AuthScheme.Header), ("query", AuthScheme.Query));

    private static readonly SettingsType<string> Variable = Text.Matching(
        "the name of an environment variable", text => text.Length is > 0 and <= 128 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'));

    private static readonly SettingsType<string> FieldName = Text.Matching(
        "the name of a header field such as X-Api-Key", text => text.Length is > 0 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && !IsFraming(text));

    private static readonly SettingsType<string> ParameterName = Text.Matching(
        "the name of a query parameter", text => text.Length is > 0 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'));

    private static readonly SettingsType<string> User = Text.Matching(
        "a user name without ':'", text => text.Length is > 0 and <= 256 && !text.Contains(':') && text.All(c => c is > ' ' and < '\u007f'));

    /// <returns>Null where the route has none.</returns>
    public static RouteAuth? Read(SettingsReader route)
    {
        if (route.OptionalSection("auth") is not { } auth)
        {
            return null;
        }

        auth.Refuse("region", "sigv4 is not supported yet in this version");
        auth.Refuse("service", "sigv4 is not supported yet in this version");
        auth.Refuse("secret_ref", "sigv4 is not supported yet in this version");
        var scheme = auth.Required("scheme", Scheme);
        return new RouteAuth(
            scheme,
            Reference(auth),
            scheme is AuthScheme.Header ? auth.Required("header", FieldName)
                : scheme is AuthScheme.Bearer or AuthScheme.Token ? auth.OptionalOrNull("header", FieldName) : null,
            scheme is AuthScheme.Query ? auth.Required("param", ParameterName) : null,
            scheme is AuthScheme.Basic ? auth.Required("user", User) : null);
    }

    private static CredentialReference Reference(SettingsReader auth)
    {
        var variable = auth.OptionalOrNull(CredentialReference.Variable, Variable);
        var file = auth.OptionalOrNull(CredentialReference.File, Text.AbsolutePath);
        var command = auth.List(CredentialReference.Command, Text.OneLine, atMost: MostWords);
        var given = (variable is null ? 0 : 1) + (file is null ? 0 : 1) + (command.Count > 0 ? 1 : 0);
        if (given != 1)
        {
            auth.Mistake(CredentialReference.Variable, "exactly one of token_ref, token_file and token_cmd");
        }

        return variable is not null ? new CredentialReference(CredentialReference.Variable, [variable])
            : file is not null ? new CredentialReference(CredentialReference.File, [file])
            : new CredentialReference(CredentialReference.Command, command);
    }

    /// <summary>What frames or routes a request is written by the gate alone.</summary>
    private static bool IsFraming(string name) => name.ToLowerInvariant()
        is "host" or "content-length" or "transfer-encoding" or "connection" or "te" or "trailer" or "upgrade" or "keep-alive" or "expect" or "proxy-connection";
}
