using System.Diagnostics.CodeAnalysis;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Egress.Tests.Clients;

/// <summary>A gate that reads what passes, a host behind it, and the environment in which a bottle would run a client.</summary>
internal sealed class ClientRig : IAsyncDisposable
{
    public const string Real = "r3al-s3cret-value-1";
    public const string Fake = "placeholder-0123456789";
    private static readonly RouteAuth Auth = new(AuthScheme.Bearer, new CredentialReference(CredentialReference.Variable, ["API_TOKEN"]));

    public ClientRig()
    {
        Gate = new TestGate(
            new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example") with { Auth = Auth }]),
            secrets: TestGate.Secrets with { Credentials = [new Credential(Auth.Value.Name, Real, Fake)] }).Leading(Host.Server);
        Directory.CreateDirectory(Folder["work"]);
        File.WriteAllText(Authority, TestGate.Secrets.Authority.CertificatePem);
        Host.Add("/hello", "hello from outside");
    }

    public TemporaryFolder Folder { get; } = new();

    public FileHost Host { get; } = new();

    public TestGate Gate { get; }

    public string Authority => Folder["ca.pem"];

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await Host.DisposeAsync();
        Folder.Dispose();
    }

    /// <param name="what">A program, and perhaps a module of it.</param>
    public async Task NeedAsync(string what)
    {
        var words = what.Split(' ');
        Assert.SkipWhen(ProgramPath.Find(words[0]) is null, $"{words[0]} is not installed");
        if (words is ["node", "undici"])
        {
            Assert.SkipUnless(Directory.Exists("/usr/share/nodejs/undici"), "node has no undici (package node-undici)");
        }

        if (words is ["python3", var module])
        {
            Assert.SkipUnless((await RunAsync(["/usr/bin/python3", "-c", $"import {module}"])).Succeeded, $"python3 has no module {module} (package python3-{module})");
        }
    }

    /// <summary>With the environment that a bottle gives.</summary>
    public Task<RunResult> RunAsync(string[] command, TimeSpan? timeout = null)
        => ChildProcess.RunAsync(Spec(command), new RunLimits { Timeout = timeout ?? TimeSpan.FromSeconds(90) }, CancellationToken.None);

    /// <summary>The same for a client that is talked with while it runs.</summary>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "The tests hand their own PATH on.")]
    public ChildSpec Spec(string[] command)
    {
        var proxy = $"http://{Gate.Address}";
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = ProgramPath.Default,
            ["HOME"] = Folder["work"],
            ["LANG"] = "C.UTF-8",
            ["GOCACHE"] = Folder["go"],
            ["GOFLAGS"] = "-mod=mod",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["NODE_PATH"] = "/usr/share/nodejs", // where Debian keeps them
            ["PIP_CONFIG_FILE"] = "/dev/null",
            ["NPM_CONFIG_GLOBALCONFIG"] = Folder["no-npmrc"],
        };
        foreach (var name in new[] { "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy" })
        {
            environment[name] = proxy;
        }

        foreach (var name in new[] { "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO" })
        {
            environment[name] = Authority;
        }

        // wget knows no variable for it.
        var words = command[0] == "wget" ? [.. command, $"--ca-certificate={Authority}"] : command;
        return new ChildSpec(words) { Environment = environment, WorkingDirectory = Folder["work"] };
    }
}
