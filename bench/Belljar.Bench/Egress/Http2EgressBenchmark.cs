using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Egress;

/// <summary>
/// The gate in HTTP/2 beside itself in HTTP/1.1, with h2load: 32 connections with a request each, and one connection with 32
/// streams. h2load knows no proxies, so both go through the same bridge, which opens the tunnels and copies; beside them
/// nginx through a bridge of the same kind. The host is nginx with a page of 1 KiB.
/// </summary>
internal sealed class Http2EgressBenchmark : IBenchmark
{
    private const string Host = "up.localhost";
    private const int Rounds = 3;
    private const int Seconds = 3;

    public string Name => "egress-http2";

    public string Summary => "the egress gate in HTTP/2 beside HTTP/1.1, by h2load: requests per second, latency";

    public async Task RunAsync(CancellationToken ct)
    {
        if (ProgramPath.Find("nginx") is null || ProgramPath.Find("h2load") is null)
        {
            Console.WriteLine("  nginx and h2load (package nghttp2-client) are needed");
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
        var origin = FreePort();
        await using var nginx = StartNginx(folder, origin);
        var (off, offPort) = await StartGateAsync(folder, "off", origin, ct);
        await using var ownedOff = off;
        var (deny, denyPort) = await StartGateAsync(folder, "deny", origin, ct);
        await using var ownedDeny = deny;
        await using var direct = new Bridge(origin, null);
        await using var plain = new Bridge(offPort, origin);
        await using var scanning = new Bridge(denyPort, origin);
        (string Name, Bridge Bridge)[] all = [("nginx, no gate", direct), ("gate, scan: off", plain), ("gate, scan: deny", scanning)];
        (string Name, string[] Options)[] loads =
        [
            ("HTTP/1.1, 32 connections", ["--h1", "-c", "32", "-m", "1"]),
            ("HTTP/2, 32 connections", ["-c", "32", "-m", "1"]),
            ("HTTP/2, 1 connection, 32 streams", ["-c", "1", "-m", "32"]),
            ("HTTP/1.1, 1 connection", ["--h1", "-c", "1", "-m", "1"]),
            ("HTTP/2, 1 connection", ["-c", "1", "-m", "1"]),
        ];
        foreach (var (load, options) in loads)
        {
            var results = all.ToDictionary(one => one.Name, _ => new List<(double PerSecond, double Mean)>());
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var (name, bridge) in all)
                {
                    results[name].Add(await LoadAsync(bridge, origin, options, ct));
                }
            }

            foreach (var (name, rounds) in results)
            {
                rounds.Sort();
                var (perSecond, mean) = rounds[Rounds / 2];
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {load,-34} {name,-18} {perSecond,7:F0}/s   mean {mean,7:F3} ms"));
            }
        }
    }

    private static async Task<(double PerSecond, double MeanMilliseconds)> LoadAsync(Bridge bridge, int origin, string[] options, CancellationToken ct)
    {
        var result = await ChildProcess.RunAsync(
            new ChildSpec(["h2load", .. options, "-D", $"{Seconds}", "--warm-up-time=1", $"--connect-to=127.0.0.1:{bridge.Port}", $"https://{Host}:{origin}/page"])
            {
                Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default },
            },
            new RunLimits { Timeout = TimeSpan.FromSeconds(60) },
            ct);
        var (rate, time) = (RatePattern().Match(result.OutputText), TimePattern().Match(result.OutputText));
        if (!rate.Success || !time.Success || !result.OutputText.Contains(" 0 failed"))
        {
            throw new InvalidOperationException(result.OutputText + result.ErrorText);
        }

        var unit = time.Groups[2].Value switch
        {
            "us" => 0.001,
            "ms" => 1,
            _ => 1000,
        };
        return (double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(time.Groups[1].Value, CultureInfo.InvariantCulture) * unit);
    }

    private static ChildProcess StartNginx(string folder, int origin)
    {
        Directory.CreateDirectory(Path.Combine(folder, "www"));
        File.WriteAllText(Path.Combine(folder, "www", "page"), new string('x', 1024));
        File.WriteAllText(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off; worker_processes 1; pid {{folder}}/nginx.pid; error_log {{folder}}/error.log; user root;
            events { worker_connections 8192; }
            http {
              access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
              ssl_certificate {{folder}}/up.pem; ssl_certificate_key {{folder}}/up.key;
              server { listen 127.0.0.1:{{origin}} ssl http2; root {{folder}}/www; }
            }
            """);
        return ChildProcess.Start(new ChildSpec("nginx", "-p", folder, "-c", Path.Combine(folder, "nginx.conf")));
    }

    /// <summary><c>belljar egress run</c> as a process of its own.</summary>
    private static async Task<(ChildProcess Process, int Port)> StartGateAsync(string folder, string scan, int origin, CancellationToken ct)
    {
        var bottle = Path.Combine(folder, $"{scan}.md");
        await File.WriteAllTextAsync(bottle, $"---\negress:\n  upstream_ca: [{folder}/up.pem]\n  routes:\n    - host: {Host}\n      ports: [{origin}]\n      scan: \"{scan}\"\n      ssrf_ip_allowlist: [127.0.0.1]\n---\n", ct);
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
        return (process, int.Parse(address.Split(':')[^1], CultureInfo.InvariantCulture));
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
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(Path.Combine(folder, "up.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "up.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private static Regex RatePattern() => new(@"finished in [^,]+, ([0-9.]+) req/s", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static Regex TimePattern() => new(@"time for request:\s+\S+\s+\S+\s+([0-9.]+)(us|ms|s)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Whoever connects is in a tunnel to the host, or at the host.</summary>
    private sealed class Bridge : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _accepting;

        public Bridge(int port, int? tunnelTo)
        {
            _listener.Start(512);
            _accepting = AcceptAsync(port, tunnelTo);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _accepting;
        }

        private async Task AcceptAsync(int port, int? tunnelTo)
        {
            try
            {
                while (true)
                {
                    _ = ServeAsync(await _listener.AcceptSocketAsync(), port, tunnelTo);
                }
            }
            catch (Exception error) when (error is SocketException or InvalidOperationException)
            {
                // Disposed.
            }
        }

        private static async Task ServeAsync(Socket socket, int port, int? tunnelTo)
        {
            socket.NoDelay = true;
            await using var client = new NetworkStream(socket, ownsSocket: true);
            using var to = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await to.ConnectAsync(IPAddress.Loopback, port);
                await using var stream = new NetworkStream(to);
                if (tunnelTo is { } origin)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {Host}:{origin} HTTP/1.1\r\nHost: {Host}:{origin}\r\n\r\n"));
                    await stream.ReadExactlyAsync(new byte["HTTP/1.1 200 Connection Established\r\n\r\n".Length]);
                }

                await Task.WhenAny(client.CopyToAsync(stream), stream.CopyToAsync(client));
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                // Either side has left.
            }
        }
    }
}
