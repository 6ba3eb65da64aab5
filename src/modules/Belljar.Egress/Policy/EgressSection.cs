using Belljar.Manifest;
using Belljar.Net;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Policy;

/// <summary>Reads a bottle's <c>egress</c> section. Mistakes go where the reader's mistakes go.</summary>
public static class EgressSection
{
    private const string NotYet = "not supported yet in this version";
    private const int MostRoutes = 500;

    private static readonly SettingsType<EgressMode> Mode = Word.Of(("enforce", EgressMode.Enforce), ("audit", EgressMode.Audit), ("learn", EgressMode.Learn));

    private static readonly SettingsType<RouteTls> Tls = Word.Of(("inspect", RouteTls.Inspect), ("passthrough", RouteTls.Passthrough));

    private static readonly SettingsType<RouteScan> Scan = Word.Of(
        ("deny", RouteScan.Deny), ("redact", RouteScan.Redact), ("alert", RouteScan.Alert), ("off", RouteScan.Off));

    private static readonly SettingsType<string> Coding = Text.Matching(
        "a content coding such as zstd", text => text.Length is > 0 and <= 32 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'));

    private static readonly SettingsType<long> Size = ByteSize.Between(0, 1L << 50);

    private static readonly SettingsType<bool> AllowOrDeny = Word.Of(("deny", false), ("allow", true));

    private static readonly SettingsType<string> Host = Text.Matching(
        "a host such as api.example.org or *.example.org, or an IP address; no scheme, port or path", HostPattern.IsValid);

    private static readonly SettingsType<string> Method = Text.Matching(
        "an HTTP method in capitals such as GET",
        text => text.Length is > 0 and <= 32 && text != "CONNECT" && text.All(c => char.IsAsciiLetterUpper(c) || c is '-' or '_'));

    private static readonly SettingsType<string> Path = Text.Matching(
        "an absolute path such as /repos (it allows what lies below too; no *, no '..')",
        text => !text.Contains('*') && PathPrefix.TryParse(text, out _));

    private static readonly SettingsType<int> Port = new("a port from 1 to 65535, never 22", 443, TryPort);

    private static readonly SettingsType<string> Network = Text.Matching(Address.Network.Allowed, text => Address.Network.TryParse(text, out _));

    /// <param name="section">The section itself; whoever owns the reader ends it.</param>
    public static EgressOptions Read(SettingsReader section)
    {
        var mode = section.Optional("mode", EgressMode.Enforce, Mode);
        foreach (var later in new[] { "upstream_proxy", "scan", "tls" })
        {
            section.Refuse(later, NotYet);
        }

        var readers = section.Sections("routes", atMost: MostRoutes);
        var routes = readers.Select(Route).ToList();
        RefuseDuplicates(routes, readers);
        return new EgressOptions(mode, routes)
        {
            UpstreamCa = section.List("upstream_ca", Text.AbsolutePath, atMost: 20),
            Budget = section.OptionalValue("budget", Size),
            Forwards = ReadForwards(section),
        };
    }

    /// <summary>The list of TCP doors, wherever it stands.</summary>
    public static IReadOnlyList<EgressForward> ReadForwards(SettingsReader owner) => ForwardSection.Read(owner);

    private static EgressRoute Route(SettingsReader route)
    {
        route.Refuse("rate", NotYet);

        // The older spelling of two keys.
        var older = route.Section("pipelock");
        var host = HostPattern.Normalize(route.Required("host", Host));
        var read = new EgressRoute(
            host,
            route.List("ports", Port, atMost: 100),
            route.List("methods", Method, atMost: 50),
            route.List("path_allowlist", Path, atMost: 500),
            [.. route.List("ssrf_ip_allowlist", Network, atMost: 500), .. older.List("ssrf_ip_allowlist", Network, atMost: 500)])
        {
            Auth = AuthSection.Read(route),
            Scan = route.Optional("scan", ModelHosts.DefaultScan(host), Scan),
            AllowEncodings = route.List("allow_encodings", Coding, atMost: 20),
            GitPush = route.Optional("git_push", false, AllowOrDeny),
            MaxBody = route.OptionalValue("max_body", Size),
            Budget = route.OptionalValue("budget", Size),
            AgentAuth = route.Optional("agent_auth", false, AllowOrDeny),
            Tls = older.Optional("tls_passthrough", false, Flag.TrueOrFalse) ? RouteTls.Passthrough : route.Optional("tls", RouteTls.Inspect, Tls),
        };
        if (read.Tls is RouteTls.Passthrough && (read.Methods.Count > 0 || read.PathAllowlist.Count > 0 || read.Auth is not null))
        {
            route.Mistake(route.Has("tls") ? "tls" : "pipelock", "inspect", "passthrough hides what methods, path_allowlist and auth need to see");
        }

        return read;
    }

    private static void RefuseDuplicates(List<EgressRoute> routes, IReadOnlyList<SettingsReader> readers)
    {
        var first = new Dictionary<string, SettingsReader>();
        for (var i = 0; i < routes.Count; i++)
        {
            if (routes[i].Host.Length > 0 && !first.TryAdd(routes[i].Host, readers[i]))
            {
                readers[i].Mistake("host", "each host once", $"the first stands at {first[routes[i].Host].PositionOf("host")}");
            }
        }
    }

    private static bool TryPort(string text, out int port) => Number.Port.TryParse(text, out port) && port != RouteTable.NeverPort;
}
