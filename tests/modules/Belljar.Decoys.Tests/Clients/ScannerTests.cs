using System.Globalization;
using Belljar.Decoys.Tests.Presence;
using Belljar.Testing;

namespace Belljar.Decoys.Tests.Clients;

/// <summary>What the common scanner makes of a decoy. It takes half a minute and more: only <c>./test --all</c> does it.</summary>
public class ScannerTests
{
    private const string Fleet = """
        decoys:
          - name: all01
            hostname: all01.corp.example
            address: 127.77.12.9
            services:
              - {id: http, port: 0, skin: nginx}
              - {id: https, port: 0, skin: apache2}
              - {id: ftp, port: 0}
              - {id: telnet, port: 0}
              - {id: smtp, port: 0}
              - {id: mysql, port: 0}
              - {id: postgres, port: 0}
              - {id: redis, port: 0}
              - {id: vnc, port: 0}
        """;

    [Fact]
    public async Task Nmap_NamesWhatEachClaimsToBe()
    {
        Assert.SkipUnless(TestScale.IsAll, "takes a minute: ./test --all");
        await using var worker = await new TestWorker(Fleet).StartAsync();
        var ports = worker.Listeners.ToDictionary(listener => listener.Protocol["decoy:".Length..], listener => listener.Address.Split(':')[1]);

        var scan = await RealClient.RunAsync(
            "nmap", "nmap", "", "-n", "-Pn", "-sV", "-p", string.Join(',', ports.Values), "127.77.12.9");

        TestContext.Current.TestOutputHelper?.WriteLine(scan);

        // It has no name for what these two answer, which is byte for byte what the genuine ones do.
        Assert.All(
            scan.Split('\n').Where(line => line.StartsWith("SF-Port", StringComparison.Ordinal)),
            line => Assert.Contains(line["SF-Port".Length..line.IndexOf("-TCP", StringComparison.Ordinal)], new[] { ports["telnet"], ports["postgres"] }));
        foreach (var (service, claim) in Claims)
        {
            var line = scan.Split('\n').Single(line => line.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{ports[service]}/tcp"), StringComparison.Ordinal));
            Assert.Contains(claim, line, StringComparison.Ordinal);
        }
    }

    private static readonly (string Service, string Claim)[] Claims =
    [
        ("http", "nginx 1.22.1"), ("https", "Apache httpd 2.4.71"), ("ftp", "vsftpd 3.0.3"), ("telnet", "telnet"), ("smtp", "Postfix smtpd"),
        ("mysql", "10.11.19-MariaDB"), ("postgres", "PostgreSQL DB"), ("redis", "Redis key-value store"), ("vnc", "VNC (protocol 3.8)"),
    ];
}
