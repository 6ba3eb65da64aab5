using System.Text.Json.Serialization;
using Belljar.Contracts;

namespace Belljar.Egress.Policy;

/// <summary>How a host wants a credential.</summary>
public enum AuthScheme
{
    /// <summary><c>Authorization: Bearer VALUE</c> (RFC 6750).</summary>
    Bearer,

    /// <summary><c>Authorization: token VALUE</c>, as GitHub and Gitea take it.</summary>
    Token,

    /// <summary><c>Authorization: Basic</c> with a user (RFC 7617).</summary>
    Basic,

    /// <summary>The value alone, in a field of its own.</summary>
    Header,

    /// <summary>A parameter of the query.</summary>
    Query,
}

/// <summary>Where a credential's value is read from at launch. Two routes that name the same share one value.</summary>
/// <param name="Kind"><c>token_ref</c> (a variable of the operator's environment), <c>token_file</c> or <c>token_cmd</c>.</param>
/// <param name="Words">The variable, the file, or the command with its arguments.</param>
public sealed record CredentialReference(string Kind, IReadOnlyList<string> Words)
{
    public const string Variable = "token_ref";
    public const string File = "token_file";
    public const string Command = "token_cmd";

    /// <summary>The same for references that mean the same.</summary>
    public string Name => $"{Kind} {string.Join(' ', Words)}";

    public override string ToString() => Name;
}

/// <summary>What a route adds to every request.</summary>
/// <param name="Header">The field; null: Authorization.</param>
/// <param name="Param">The parameter, for <see cref="AuthScheme.Query"/>.</param>
/// <param name="User">For <see cref="AuthScheme.Basic"/>.</param>
public sealed record RouteAuth(
    [property: JsonConverter(typeof(LowerCaseEnum<AuthScheme>))] AuthScheme Scheme,
    CredentialReference Value,
    string? Header = null,
    string? Param = null,
    string? User = null);
