using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Egress;

/// <summary>One way to the host: by nothing, by a gate of ours, by somebody else's proxy.</summary>
internal sealed record Peer(string Name, TlsLoad Load, MeasuredProcess? Process) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Process?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>Starts the host and all ways to it, each with a configuration of its own in the bench's folder.</summary>
internal sealed class EgressPeers(string folder)
{
    public const string Host = "up.localhost";

    private readonly int _origin = FreePort();

    public Peer Direct => new("direct", Load(_origin, throughProxy: false), null);

    /// <summary>The host that is asked: nginx with a page of 1 KiB, and a place to upload to.</summary>
    public async Task<Peer> OriginAsync(CancellationToken ct)
    {
        WriteIdentity();
        Directory.CreateDirectory(Path.Combine(folder, "www"));
        await File.WriteAllTextAsync(Path.Combine(folder, "www", "page"), new string('x', 1024), ct);
        return await NginxAsync("origin", _origin, $$"""
            server {
              listen 127.0.0.1:{{_origin}} ssl; root {{folder}}/www;
              location /upload { dav_methods PUT; root {{folder}}/tmp; create_full_put_path on; }
            }
            """, ct);
    }

    public Task<Peer> NginxReverseAsync(CancellationToken ct)
    {
        var port = FreePort();
        return NginxAsync("nginx TLS reverse proxy", port, $$"""
            upstream up { server 127.0.0.1:{{_origin}}; keepalive 64; }
            server {
              listen 127.0.0.1:{{port}} ssl;
              location / { proxy_pass https://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_ssl_session_reuse on; }
            }
            """, ct);
    }

    /// <summary><c>belljar egress run</c> as a process of its own.</summary>
    public async Task<Peer> GateAsync(string scan, CancellationToken ct)
    {
        var bottle = Path.Combine(folder, $"{scan}.md");
        await File.WriteAllTextAsync(bottle, $"---\negress:\n  upstream_ca: [{folder}/up.pem]\n  routes:\n    - host: {Host}\n      ports: [{_origin}]\n      scan: \"{scan}\"\n      ssrf_ip_allowlist: [127.0.0.1]\n---\n", ct);
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Belljar", "release", "belljar.dll"));
        var process = ChildProcess.Start(
            new ChildSpec("dotnet", program, "egress", "run", "--bottle", bottle, "--listen", "127.0.0.1:0", "--ca-out", Path.Combine(folder, $"{scan}.pem"))
            {
                Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default, ["HOME"] = folder },
                Output = ChildStream.Pipe,
            });
        using var reader = new StreamReader(process.Output!, leaveOpen: true);
        var address = await reader.ReadLineAsync(ct) ?? throw new InvalidOperationException("the gate did not start; is src/Belljar built in Release?");
        await reader.ReadLineAsync(ct);
        return new Peer($"gate, scan: {scan}", Load(int.Parse(address.Split(':')[^1], CultureInfo.InvariantCulture), throughProxy: true), new MeasuredProcess(process));
    }

    /// <returns>Null where it is not installed.</returns>
    public async Task<Peer?> SquidAsync(CancellationToken ct)
    {
        const string helper = "/usr/lib/squid/security_file_certgen";
        if (ProgramPath.Find("squid") is null || !File.Exists(helper))
        {
            return null;
        }

        var port = FreePort();
        var database = Path.Combine(folder, "squid-certificates");
        await ChildProcess.RunAsync(new ChildSpec(helper, "-c", "-s", database, "-M", "4MB"), RunLimits.Default, ct);
        await ChildProcess.RunAsync(new ChildSpec("chown", "-R", "proxy", database), RunLimits.Default, ct);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var file = Path.Combine(folder, "squid.conf");
        await File.WriteAllTextAsync(file, $"""
            http_port 127.0.0.1:{port} ssl-bump cert={folder}/authority.pem generate-host-certificates=on dynamic_cert_mem_cache_size=4MB
            sslcrtd_program {helper} -s {database} -M 4MB
            sslcrtd_children 2
            sslproxy_cert_error allow all
            acl step1 at_step SslBump1
            ssl_bump peek step1
            ssl_bump bump all
            http_access allow all
            cache deny all
            access_log none
            cache_log {folder}/squid.log
            pid_filename none
            coredump_dir {folder}
            hosts_file {folder}/hosts
            shutdown_lifetime 0 seconds
            max_filedescriptors 8192

            """, ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "hosts"), $"127.0.0.1 {Host}\n", ct);
        return await StartAsync("squid, ssl-bump", new ChildSpec("squid", "-N", "-f", file), port, ct);
    }

    /// <returns>Null where it is not installed.</returns>
    public async Task<Peer?> MitmproxyAsync(CancellationToken ct)
    {
        if (ProgramPath.Find("mitmdump") is null)
        {
            return null;
        }

        var port = FreePort();
        // It asks the system's resolver, which knows no names below localhost: so the address is asked for.
        var peer = await StartAsync(
            "mitmproxy",
            new ChildSpec("mitmdump", "-q", "--listen-host", "127.0.0.1", "--listen-port", $"{port}", "--ssl-insecure", "--set", $"confdir={folder}/mitm", "--set", "stream_large_bodies=1m"),
            port,
            ct);
        return peer with { Load = new TlsLoad(port, "127.0.0.1", _origin, throughProxy: true) };
    }

    private async Task<Peer> NginxAsync(string name, int port, string servers, CancellationToken ct)
    {
        var file = Path.Combine(folder, $"nginx-{port}.conf");
        Directory.CreateDirectory(Path.Combine(folder, "tmp"));
        await File.WriteAllTextAsync(file, $$"""
            daemon off; worker_processes 1; pid {{folder}}/nginx-{{port}}.pid; error_log {{folder}}/error-{{port}}.log; user root;
            events { worker_connections 8192; }
            http {
              access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_max_body_size 0;
              client_body_temp_path {{folder}}/tmp; proxy_temp_path {{folder}}/tmp; proxy_request_buffering off;
              ssl_certificate {{folder}}/up.pem; ssl_certificate_key {{folder}}/up.key;
              {{servers}}
            }
            """, ct);
        return await StartAsync(name, new ChildSpec("nginx", "-p", folder, "-c", file), port, ct, throughProxy: false);
    }

    private async Task<Peer> StartAsync(string name, ChildSpec spec, int port, CancellationToken ct, bool throughProxy = true)
    {
        var process = ChildProcess.Start(spec with { Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default, ["HOME"] = folder } });
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, ct);
                return new Peer(name, Load(port, throughProxy), new MeasuredProcess(process));
            }
            catch (SocketException) when (attempt < 600)
            {
                await Task.Delay(50, ct);
            }
        }
    }

    private TlsLoad Load(int port, bool throughProxy) => new(port, Host, _origin, throughProxy);

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>The host's own certificate, and an authority for a peer that signs with one.</summary>
    private void WriteIdentity()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(Path.Combine(folder, "up.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "up.key"), key.ExportPkcs8PrivateKeyPem());

        using var signing = RSA.Create(2048);
        var authority = new CertificateRequest("CN=bench", signing, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var root = authority.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(Path.Combine(folder, "authority.pem"), $"{root.ExportCertificatePem()}\n{signing.ExportPkcs8PrivateKeyPem()}\n");
    }
}
