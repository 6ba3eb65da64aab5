using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Egress;

/// <summary>
/// The gate with interception, beside a direct connection and nginx as a TLS reverse proxy (and squid with ssl-bump, where
/// it is installed): requests a second over 32 kept connections and with new ones, latency over one, an upload, memory.
/// The host behind all of them is nginx with a page of 1 KiB.
/// </summary>
internal sealed class EgressBenchmark : IBenchmark
{
    private const string Host = "up.localhost";
    private const int Rounds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(3);

    public string Name => "egress";

    public string Summary => "the egress gate with interception, beside direct and nginx: requests per second, latency, upload, memory";

    public async Task RunAsync(CancellationToken ct)
    {
        if (ProgramPath.Find("nginx") is null)
        {
            Console.WriteLine("  nginx is not installed: it is the host that is asked");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("bj-bench-").FullName;
        try
        {
            await RunAsync(folder, ct);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(string folder, CancellationToken ct)
    {
        WriteIdentity(folder);
        var (origin, reverse) = (FreePort(), FreePort());
        await using var nginx = StartNginx(folder, origin, reverse);
        await using var plain = await Gate.StartAsync(folder, "off", origin, ct);
        await using var scanning = await Gate.StartAsync(folder, "deny", origin, ct);
        (string Name, TlsLoad Load, Gate? Gate)[] all =
        [
            ("direct", new TlsLoad(origin, Host, origin, throughProxy: false), null),
            ("nginx TLS reverse proxy", new TlsLoad(reverse, Host, origin, throughProxy: false), null),
            ("gate, scan: off", new TlsLoad(plain.Port, Host, origin, throughProxy: true), plain),
            ("gate, scan: deny", new TlsLoad(scanning.Port, Host, origin, throughProxy: true), scanning),
        ];
        await WaitForAsync(origin, ct);
        Console.WriteLine($"  at rest: {plain.ResidentMiB:F0} MiB without scanning, {scanning.ResidentMiB:F0} MiB with");
        foreach (var (_, load, _) in all)
        {
            await load.RunAsync(32, WarmUp, ct);
        }

        var results = all.ToDictionary(one => one.Name, _ => new List<(LoadResult Many, LoadResult One, double New, double Cpu)>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, load, gate) in all)
            {
                var before = gate?.CpuSeconds ?? 0;
                var many = await load.RunAsync(32, Measured, ct);
                var cpu = gate is null ? 0 : (gate.CpuSeconds - before) / (many.PerSecond * Measured.TotalSeconds) * 10_000;
                results[name].Add((many, await load.RunAsync(1, Measured, ct), await load.RunNewAsync(8, Measured, ct), cpu));
            }
        }

        foreach (var (name, rounds) in results)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-24} 32 kept {Median(rounds, r => r.Many.PerSecond),7:F0}/s p50 {Median(rounds, r => r.Many.P50),5:F2} p99 {Median(rounds, r => r.Many.P99),6:F2} ms   one kept p50 {Median(rounds, r => r.One.P50),6:F3} p99 {Median(rounds, r => r.One.P99),6:F3} ms   new {Median(rounds, r => r.New),5:F0}/s   CPU {Median(rounds, r => r.Cpu),5:F2} s per 10,000"));
        }

        foreach (var (name, load, _) in all)
        {
            Console.WriteLine($"  {name,-24} upload of 256 MiB: {await load.UploadAsync(256L << 20, ct) / 1e6,6:F0} MB/s");
        }

        await IdleAsync(all[2].Load, plain, ct);
    }

    private static async Task IdleAsync(TlsLoad load, Gate gate, CancellationToken ct)
    {
        var idle = new List<IAsyncDisposable>();
        for (var i = 0; i < 900; i++)
        {
            idle.Add(await load.ConnectAsync(ct));
        }

        Console.WriteLine($"  {idle.Count} idle tunnels: {gate.ResidentMiB:F0} MiB");
        foreach (var one in idle)
        {
            await one.DisposeAsync();
        }
    }

    private static double Median<T>(List<T> rounds, Func<T, double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);

    private static ChildProcess StartNginx(string folder, int origin, int reverse)
    {
        Directory.CreateDirectory(Path.Combine(folder, "www"));
        Directory.CreateDirectory(Path.Combine(folder, "tmp"));
        File.WriteAllText(Path.Combine(folder, "www", "page"), new string('x', 1024));
        File.WriteAllText(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off; worker_processes 1; pid {{folder}}/nginx.pid; error_log {{folder}}/error.log; user root;
            events { worker_connections 8192; }
            http {
              access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_max_body_size 0;
              client_body_temp_path {{folder}}/tmp; proxy_temp_path {{folder}}/tmp; proxy_request_buffering off;
              ssl_certificate {{folder}}/up.pem; ssl_certificate_key {{folder}}/up.key;
              upstream up { server 127.0.0.1:{{origin}}; keepalive 64; }
              server {
                listen 127.0.0.1:{{origin}} ssl; root {{folder}}/www;
                location /upload { dav_methods PUT; root {{folder}}/tmp; create_full_put_path on; }
              }
              server {
                listen 127.0.0.1:{{reverse}} ssl;
                location / { proxy_pass https://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_ssl_session_reuse on; }
              }
            }
            """);
        return ChildProcess.Start(new ChildSpec("nginx", "-p", folder, "-c", Path.Combine(folder, "nginx.conf")));
    }

    private static async Task WaitForAsync(int port, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, ct);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, ct);
            }
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static void WriteIdentity(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(Path.Combine(folder, "up.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "up.key"), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary><c>belljar egress run</c> as a process of its own.</summary>
    private sealed class Gate(ChildProcess process, int port) : IAsyncDisposable
    {
        public int Port => port;

        public double ResidentMiB => double.Parse(
            File.ReadLines($"/proc/{process.Pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

        public double CpuSeconds
        {
            get
            {
                var fields = File.ReadAllText($"/proc/{process.Pid}/stat").Split(") ")[1].Split(' ');
                return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
            }
        }

        public static async Task<Gate> StartAsync(string folder, string scan, int origin, CancellationToken ct)
        {
            var bottle = Path.Combine(folder, $"{scan}.md");
            await File.WriteAllTextAsync(bottle, $"---\negress:\n  upstream_ca: [{folder}/up.pem]\n  routes:\n    - host: {Host}\n      ports: [{origin}]\n      scan: \"{scan}\"\n      ssrf_ip_allowlist: [127.0.0.1]\n---\n", ct);
            var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Belljar", "release", "belljar.dll"));
            var process = ChildProcess.Start(
                new ChildSpec("dotnet", program, "egress", "run", "--bottle", bottle, "--listen", "127.0.0.1:0", "--ca-out", Path.Combine(folder, $"{scan}.pem"))
                {
                    Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default, ["HOME"] = folder, ["DOTNET_TieredPGO"] = "1" },
                    Output = ChildStream.Pipe,
                });
            using var reader = new StreamReader(process.Output!, leaveOpen: true);
            var address = await reader.ReadLineAsync(ct) ?? throw new InvalidOperationException("the gate did not start; is src/Belljar built in Release?");
            await reader.ReadLineAsync(ct);
            return new Gate(process, int.Parse(address.Split(':')[^1], CultureInfo.InvariantCulture));
        }

        public ValueTask DisposeAsync() => process.DisposeAsync();
    }
}
