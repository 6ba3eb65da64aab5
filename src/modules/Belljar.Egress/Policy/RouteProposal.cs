using System.Globalization;
using System.Text;
using Belljar.Contracts.Events;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Policy;

/// <summary>
/// The smallest list of routes with which a run that was recorded would have passed: one route for each host, with the ports,
/// methods and first segments of paths that it used. What protects the machine itself is not proposed.
/// </summary>
public static class RouteProposal
{
    /// <summary>A host that is asked for more than these is asked for anything.</summary>
    private const int MostPaths = 12;

    public static IReadOnlyList<EgressRoute> From(IEnumerable<EgressDecision> decisions) =>
    [
        .. decisions
            .Where(decision => decision is { Decision: not Contracts.Verdict.Deny, Method: not "FORWARD" } && HostPattern.IsValid(decision.Host))
            .GroupBy(decision => decision.Host)
            .OrderBy(host => host.Key, StringComparer.Ordinal)
            .Select(host => Route(host.Key, [.. host])),
    ];

    /// <summary>As it would stand in a bottle's file.</summary>
    public static string ToYaml(IReadOnlyList<EgressRoute> routes)
    {
        var yaml = new StringBuilder("egress:\n  routes:");
        yaml.Append(routes.Count == 0 ? " []\n" : "\n");
        foreach (var route in routes)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"    - host: {Quoted(route.Host)}\n");
            List("ports", route.Ports.Select(port => port.ToString(CultureInfo.InvariantCulture)));
            List("methods", route.Methods);
            List("path_allowlist", route.PathAllowlist.Select(Quoted));
            if (route.Tls is RouteTls.Passthrough)
            {
                yaml.Append("      tls: passthrough\n");
            }
        }

        return yaml.ToString();

        void List(string key, IEnumerable<string> items)
        {
            if (items.Any())
            {
                yaml.Append(CultureInfo.InvariantCulture, $"      {key}: [{string.Join(", ", items)}]\n");
            }
        }
    }

    private static EgressRoute Route(string host, List<EgressDecision> decisions)
    {
        var ports = decisions.Select(decision => decision.Port).Distinct().Order().ToList();
        var requests = decisions.Where(decision => decision.Path is not null).ToList();

        // A tunnel whose inside nobody saw, with bytes in it, was passed as it was.
        var isHidden = requests.Count == 0 && decisions.Exists(decision => decision is { Method: "CONNECT", BytesDown: > 0 });
        return EgressRoute.To(host) with
        {
            Ports = ports is [80, 443] ? [] : ports,
            Methods = [.. requests.Select(request => request.Method).Distinct().Order(StringComparer.Ordinal)],
            PathAllowlist = Paths([.. requests.Select(request => request.Path!)]),
            Tls = isHidden ? RouteTls.Passthrough : RouteTls.Inspect,
        };
    }

    /// <summary>None, which allows all, where a path cannot be a rule or there are too many.</summary>
    private static List<string> Paths(List<string> paths)
    {
        var prefixes = paths.Select(FirstSegment).Distinct().Order(StringComparer.Ordinal).ToList();
        return prefixes.Count <= MostPaths && prefixes.TrueForAll(prefix => prefix != "/" && !prefix.Contains('*') && PathPrefix.TryParse(prefix, out _)) ? prefixes : [];
    }

    private static string FirstSegment(string path)
    {
        var end = path.IndexOf('/', 1);
        return end < 0 ? path : path[..end];
    }

    private static string Quoted(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '/' or '_') && !char.IsAsciiDigit(text[0]) ? text : $"\"{text}\"";
}
