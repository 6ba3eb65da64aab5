using Belljar.Egress.Policy;

namespace Belljar.Sessions;

/// <summary>What a bottle lets out, a line for each way: what the operator reads before it starts.</summary>
internal static class EgressSummary
{
    public static IEnumerable<string> Of(EgressOptions egress)
    {
        if (egress.Mode is not EgressMode.Enforce)
        {
            yield return $"mode {egress.Mode.ToString().ToLowerInvariant()}: what no route allows passes, and is recorded";
        }

        foreach (var route in egress.Routes)
        {
            yield return string.Concat(["route ", route.Host, .. Words(route).Select(word => $" [{word}]")]);
        }

        foreach (var forward in egress.Forwards)
        {
            yield return $"forward {forward.Listen} to {forward.To} [not inspected]";
        }

        if (egress.Routes.Count + egress.Forwards.Count == 0)
        {
            yield return egress.Mode is EgressMode.Enforce ? "nothing leaves" : "no route is named";
        }
    }

    private static IEnumerable<string> Words(EgressRoute route)
    {
        if (route.Auth is { } auth)
        {
            yield return $"auth:{auth.Scheme.ToString().ToLowerInvariant()}";
        }

        if (route.AgentAuth)
        {
            yield return "the agent's own credentials pass";
        }

        if (route.Tls is RouteTls.Passthrough)
        {
            yield return "not inspected";
        }
        else if (route.Scan is not RouteScan.Deny)
        {
            yield return $"scan:{route.Scan.ToString().ToLowerInvariant()}";
        }
    }
}
