namespace Belljar.Bottles.Sessions;

/// <summary>The environment that every process of a bottle gets, the first one and later ones alike.</summary>
public static class SessionEnvironment
{
    public const int EgressPort = 17480;
    public const string User = "agent";
    public const string Home = "/home/agent";

    private const string Proxy = "http://127.0.0.1:17480";

    /// <summary>Where Debian and most others keep the bundle that TLS clients read.</summary>
    public const string CertificateBundle = "/etc/ssl/certs/ca-certificates.crt";

    public static readonly IReadOnlyDictionary<string, string> Contract = new Dictionary<string, string>
    {
        ["HOME"] = Home,
        ["USER"] = User,
        ["LOGNAME"] = User,
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["LANG"] = "C.UTF-8",
        ["HTTP_PROXY"] = Proxy,
        ["HTTPS_PROXY"] = Proxy,
        ["ALL_PROXY"] = Proxy,
        ["http_proxy"] = Proxy,
        ["https_proxy"] = Proxy,
        ["all_proxy"] = Proxy,

        // Else calls to what listens inside would go through the gate, which refuses loopback.
        ["NO_PROXY"] = "localhost,127.0.0.1",
        ["no_proxy"] = "localhost,127.0.0.1",
        ["NODE_EXTRA_CA_CERTS"] = CertificateBundle,
        ["SSL_CERT_FILE"] = CertificateBundle,
        ["REQUESTS_CA_BUNDLE"] = CertificateBundle,
        ["CURL_CA_BUNDLE"] = CertificateBundle,
        ["GIT_SSL_CAINFO"] = CertificateBundle,
    };

    /// <param name="manifest">The manifest's values win.</param>
    /// <param name="terminal">The operator's TERM, for programs that draw.</param>
    public static IReadOnlyDictionary<string, string> With(IReadOnlyDictionary<string, string> manifest, string? terminal)
    {
        var environment = new Dictionary<string, string>(Contract) { ["TERM"] = terminal ?? "dumb" };
        foreach (var (name, value) in manifest)
        {
            environment[name] = value;
        }

        return environment;
    }
}
