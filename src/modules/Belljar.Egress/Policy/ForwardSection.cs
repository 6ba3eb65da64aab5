using System.Text;
using Belljar.Manifest;
using Belljar.Net;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Policy;

/// <summary>Reads <c>forwards</c>.</summary>
internal static class ForwardSection
{
    private const int MostForwards = 32;

    /// <summary>The gates' own doors inside: egress, git, requests to the operator.</summary>
    private static readonly int[] Reserved = [17480, 17481, 17482];

    private static readonly SettingsType<int> Listen = new("a port from 1 to 65535 that is no gate's (17480 to 17482)", 1, TryListen);

    private static readonly SettingsType<Authority> To = new("a host and a port such as db.example:5432 or [fd00::1]:5432, never port 22", default, TryTo);

    private static readonly SettingsType<string> Network = Text.Matching(Address.Network.Allowed, text => Address.Network.TryParse(text, out _));

    private static readonly SettingsType<long> Size = ByteSize.Between(0, 1L << 50);

    public static IReadOnlyList<EgressForward> Read(SettingsReader owner)
    {
        var readers = owner.Sections("forwards", atMost: MostForwards);
        var first = new Dictionary<int, SettingsReader>();
        var forwards = new List<EgressForward>();
        foreach (var reader in readers)
        {
            var forward = One(reader);
            if (!first.TryAdd(forward.Listen, reader))
            {
                reader.Mistake("listen", "each port once", $"the first stands at {first[forward.Listen].PositionOf("listen")}");
            }

            forwards.Add(forward);
        }

        return forwards;
    }

    private static EgressForward One(SettingsReader forward)
    {
        var listen = forward.Required("listen", Listen);
        var to = forward.Required("to", To);
        return new EgressForward(listen, to.Host ?? "", to.Port ?? 0)
        {
            SsrfIpAllowlist = forward.List("ssrf_ip_allowlist", Network, atMost: 500),
            Budget = forward.OptionalValue("budget", Size),
        };
    }

    private static bool TryListen(string text, out int port) => Number.Port.TryParse(text, out port) && !Reserved.Contains(port);

    private static bool TryTo(string text, out Authority to)
        => Authority.TryParse(Encoding.Latin1.GetBytes(text), out to)
            && to.Port is { } port && port != RouteTable.NeverPort
            && HostSpelling.Of(to.Host).Kind is not HostKind.Odd;
}
