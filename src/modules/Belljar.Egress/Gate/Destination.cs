using Belljar.Contracts;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Gate;

/// <summary>Where a request goes, from its head and from the tunnel that it came through.</summary>
/// <param name="Refused">Why it goes nowhere, before any route is asked; else null.</param>
internal readonly record struct Destination(string Host, int Port, bool IsSecure, Decision? Refused)
{
    /// <param name="tunnel">What CONNECT named; null outside of a tunnel.</param>
    /// <returns>Null when the request is not one for a proxy.</returns>
    public static Destination? Of(RequestHead head, Destination? tunnel) => tunnel is { } inside ? Inside(head, inside) : Outside(head);

    /// <summary>Everything that names the host must name the one that was connected to.</summary>
    private static Destination? Inside(RequestHead head, Destination tunnel)
    {
        var target = head.Target;
        var isSame = target.Form switch
        {
            TargetForm.Origin => head.Host is not { } host || IsSame(host, tunnel),
            TargetForm.Absolute => target.Scheme == "https" && IsSame(target.Authority, tunnel),
            _ => false,
        };
        return target.Form is TargetForm.Asterisk ? null
            : isSame ? tunnel
            : tunnel with { Refused = Decision.Deny("host-mismatch", "the request names another host than CONNECT did") };
    }

    private static Destination? Outside(RequestHead head)
    {
        var target = head.Target;
        if (target.Form is TargetForm.Asterisk || (target.Form is TargetForm.Origin && head.Host?.Host != Answers.InternalHost))
        {
            return null;
        }

        var authority = target.Form is TargetForm.Absolute ? target.Authority : head.Host!.Value;
        var isHttps = target.Scheme == "https";
        return new Destination(
            authority.Host,
            authority.Port ?? (isHttps ? 443 : 80),
            false,
            isHttps ? Decision.Deny("https-needs-connect", "an https URL cannot be asked for in the clear") : null);
    }

    /// <summary>A port that is left out is the tunnel's own: what goes upstream is written anew.</summary>
    private static bool IsSame(Authority authority, Destination tunnel)
        => authority.Host == tunnel.Host && (authority.Port is null || authority.Port == tunnel.Port);
}
