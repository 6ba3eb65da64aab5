using System.Text;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Manifest;

namespace Belljar.Egress.Tests.Policy;

public class EgressSectionTests
{
    private static readonly CredentialVault Vault = new(TestGate.Secrets);

    private readonly SettingsErrors _errors = new();

    [Fact]
    public void Read_AWholeSection_GivesItsOptions()
    {
        var options = Read("""
            mode: audit
            routes:
              - host: API.github.com
                methods: [GET, POST]
                path_allowlist: [/repos, /user/]
              - host: "*.example.org"
                ports: [443, 8443]
                ssrf_ip_allowlist: [10.0.0.0/8, "fd00::1"]
              - host: "[0::1]"
                tls: passthrough
              - host: old.example
                pipelock: {tls_passthrough: true, ssrf_ip_allowlist: [10.1.0.0/16]}
            upstream_ca: [/etc/ours.pem]
            """);

        Assert.Empty(_errors);
        Assert.Equal(EgressMode.Audit, options.Mode);
        Assert.Equal(["api.github.com", "*.example.org", "::1", "old.example"], options.Routes.Select(route => route.Host));
        Assert.Equal(["GET", "POST"], options.Routes[0].Methods);
        Assert.Equal(["/repos", "/user/"], options.Routes[0].PathAllowlist);
        Assert.Equal([443, 8443], options.Routes[1].Ports);
        Assert.Equal(["10.0.0.0/8", "fd00::1"], options.Routes[1].SsrfIpAllowlist);
        Assert.Equal([RouteTls.Inspect, RouteTls.Inspect, RouteTls.Passthrough, RouteTls.Passthrough], options.Routes.Select(route => route.Tls));
        Assert.Equal(["10.1.0.0/16"], options.Routes[3].SsrfIpAllowlist);
        Assert.Equal(["/etc/ours.pem"], options.UpstreamCa);
        _ = new RouteTable(options, Vault);
    }

    [Fact]
    public void Read_Nothing_DeniesEverything()
    {
        var options = Read("{}");

        Assert.Empty(_errors);
        Assert.Equal((EgressMode.Enforce, 0), (options.Mode, options.Routes.Count));
    }

    [Fact]
    public void Read_ARouteWithEverything_GivesItsOptions()
    {
        var options = Read("""
            budget: 10MiB
            routes:
              - host: a.example
                auth: {scheme: Bearer, token_ref: A_TOKEN}
                agent_auth: allow
                max_body: 1MiB
                budget: 1GiB
                scan: alert
                git_push: allow
                allow_encodings: [zstd]
              - host: api.anthropic.com
                auth: {scheme: header, header: x-api-key, token_cmd: [pass, show, key]}
              - host: b.example
                auth: {scheme: basic, user: me, token_file: /run/key}
              - host: c.example
                auth: {scheme: query, param: key, token_ref: A_TOKEN}
            """);

        Assert.Empty(_errors);
        var (a, model) = (options.Routes[0], options.Routes[1]);
        Assert.Equal(10L << 20, options.Budget);
        Assert.Equal((AuthScheme.Bearer, "token_ref A_TOKEN", true, 1L << 20, 1L << 30, RouteScan.Alert, true),
            (a.Auth!.Scheme, a.Auth.Value.Name, a.AgentAuth, a.MaxBody, a.Budget, a.Scan, a.GitPush));
        Assert.Equal(["zstd"], a.AllowEncodings);
        Assert.Equal((RouteScan.Redact, "x-api-key", "token_cmd pass show key"), (model.Scan, model.Auth!.Header, model.Auth.Value.Name));
        Assert.Equal(("me", "token_file /run/key"), (options.Routes[2].Auth!.User, options.Routes[2].Auth!.Value.Name));
        Assert.Equal(("key", RouteScan.Deny), (options.Routes[3].Auth!.Param, options.Routes[3].Scan));
    }

    [Theory]
    [InlineData("mode: lern", "egress.mode: found 'lern'; allowed: enforce, audit or learn")]
    [InlineData("upstream_proxy: x", "egress.upstream_proxy: found 'upstream_proxy'; not supported yet in this version")]
    [InlineData("rutes: []", "did you mean 'routes'?")]
    [InlineData("routes: [{}]", "egress.routes[0].host: found nothing")]
    [InlineData("routes: [{host: a.example}, {host: A.example}]", "egress.routes[1].host: found 'A.example'; the first stands at bottle.md:1:17; allowed: each host once")]
    [InlineData("routes: [{host: 'https://a.example'}]", "found 'https://a.example'; allowed: a host such as")]
    [InlineData("routes: [{host: 'a.example:443'}]", "allowed: a host such as")]
    [InlineData("routes: [{host: 'a.example/x'}]", "allowed: a host such as")]
    [InlineData("routes: [{host: 'a.example.'}]", "allowed: a host such as")]
    [InlineData("routes: [{host: '*'}]", "allowed: a host such as")]
    [InlineData("routes: [{host: '*.*.example'}]", "allowed: a host such as")]
    [InlineData("routes: [{host: 'a.*.example'}]", "allowed: a host such as")]
    [InlineData("routes: [{host: '*.0.0.1'}]", "allowed: a host such as")]
    [InlineData("routes: [{host: 127.1}]", "allowed: a host such as")]
    [InlineData("routes: [{host: '0x7f000001'}]", "allowed: a host such as")]
    [InlineData("routes: [{host: bücher.example}]", "allowed: a host such as")]
    [InlineData("routes: [{host: a.example, ports: [22]}]", "egress.routes[0].ports[0]: found '22'; allowed: a port from 1 to 65535, never 22")]
    [InlineData("routes: [{host: a.example, auth: {token_ref: A}}]", "egress.routes[0].auth.scheme: found nothing")]
    [InlineData("routes: [{host: a.example, auth: {scheme: digest, token_ref: A}}]", "found 'digest'; allowed: bearer")]
    [InlineData("routes: [{host: a.example, auth: {scheme: bearer}}]", "allowed: exactly one of token_ref, token_file and token_cmd")]
    [InlineData("routes: [{host: a.example, auth: {scheme: bearer, token_ref: A, token_file: /x}}]", "exactly one of token_ref")]
    [InlineData("routes: [{host: a.example, auth: {scheme: header, token_ref: A}}]", "auth.header: found nothing")]
    [InlineData("routes: [{host: a.example, auth: {scheme: header, token_ref: A, header: Host}}]", "found 'Host'; allowed: the name of a header field")]
    [InlineData("routes: [{host: a.example, auth: {scheme: query, token_ref: A}}]", "auth.param: found nothing")]
    [InlineData("routes: [{host: a.example, auth: {scheme: basic, token_ref: A}}]", "auth.user: found nothing")]
    [InlineData("routes: [{host: a.example, auth: {scheme: bearer, token_ref: 1A}}]", "allowed: the name of an environment variable")]
    [InlineData("routes: [{host: a.example, agent_auth: yes}]", "found 'yes'; allowed: deny or allow")]
    [InlineData("routes: [{host: a.example, tls: none}]", "found 'none'; allowed: inspect or passthrough")]
    [InlineData("routes: [{host: a.example, tls: passthrough, methods: [GET]}]", "passthrough hides what methods, path_allowlist and auth need to see; allowed: inspect")]
    [InlineData("upstream_ca: [ours.pem]", "egress.upstream_ca[0]: found 'ours.pem'; allowed: a path that begins with /")]
    [InlineData("routes: [{host: a.example, methods: [get]}]", "found 'get'; allowed: an HTTP method in capitals")]
    [InlineData("routes: [{host: a.example, methods: [CONNECT]}]", "allowed: an HTTP method in capitals")]
    [InlineData("routes: [{host: a.example, path_allowlist: [/a/../b]}]", "allowed: an absolute path")]
    [InlineData("routes: [{host: a.example, path_allowlist: ['/a/*']}]", "allowed: an absolute path")]
    [InlineData("routes: [{host: a.example, ssrf_ip_allowlist: [10.0.0.1/8]}]", "allowed: an IP address or a network")]
    public void Read_AMistake_SaysWhereAndWhat(string yaml, string says)
    {
        Read(yaml);

        Assert.Contains(says, _errors.ToString());
        Assert.Single(_errors);
    }

    [Fact]
    public void Read_Forwards_GivesThem()
    {
        var options = Read("""
            forwards:
              - {listen: 5432, to: "DB.example:5432", budget: 1GiB}
              - {listen: 11434, to: "[fd00::1]:11434", ssrf_ip_allowlist: [fd00::/8]}
            """);

        Assert.Empty(_errors);
        Assert.Equal(["db.example:5432", "[fd00::1]:11434"], options.Forwards.Select(forward => forward.To));
        Assert.Equal([5432, 11434], options.Forwards.Select(forward => forward.Listen));
        Assert.Equal(1L << 30, options.Forwards[0].Budget);
        _ = new RouteTable(options, Vault);
    }

    [Theory]
    [InlineData("{listen: 17480, to: 'db.example:1'}", "no gate's")]
    [InlineData("{listen: 5432, to: 'db.example'}", "a host and a port")]
    [InlineData("{listen: 5432, to: 'db.example:22'}", "never port 22")]
    [InlineData("{listen: 5432, to: '127.1:5432'}", "a host and a port")]
    [InlineData("{listen: 5432, to: '*.example:5432'}", "a host and a port")]
    [InlineData("{listen: 5432}", "this key is required")]
    [InlineData("{listen: 5432, to: 'a.example:1'}, {listen: 5432, to: 'b.example:1'}", "each port once")]
    public void Read_AForwardThatCannotBe_IsAMistake(string forwards, string says)
    {
        Read($"forwards: [{forwards}]");

        Assert.Contains(says, _errors.ToString());
    }

    private EgressOptions Read(string yaml)
    {
        var section = new SettingsReader(Yaml.Read("bottle.md", Encoding.UTF8.GetBytes(yaml), _errors)!, "egress", _errors);
        var options = EgressSection.Read(section);
        section.End();
        return options;
    }
}
