using System.Text;
using Belljar.Sandboxes.Processes;

namespace E2E.Tests;

public class EgressTests
{
    private const string Real = "r3al-s3cret-value-of-the-operator";

    [Fact]
    public async Task Bottle_WithACredential_TheHostSeesItAndNothingInsideDoes()
    {
        Clients.Need("runc");
        Clients.Need("curl");
        await using var home = new Home();
        await home.UpAsync();
        await using var web = new SecureWeb();
        Allow(home, web);

        // What an agent that looks everywhere could look at.
        const string search = """
            env
            curl -sS --noproxy '' -H "Authorization: Bearer $SHOP_TOKEN" https://shop.localhost:PORT/x
            echo status: $?
            cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\0' '\n'
            grep -rs r3al-s3cret / --include='*' --exclude-dir=usr --exclude-dir=sys --exclude-dir=proc
            echo searched
            """;
        var result = await home.RunAsync(
            ["bottle", "run", "dev", "--", "sh", "-c", search.Replace("PORT", $"{web.Port}").Replace("r3al-s3cret", "r3al\\-s3cret")], ("SHOP_TOKEN", Real));

        Assert.Contains("status: 0", result.OutputText);
        Assert.Contains("searched", result.OutputText);
        Assert.Contains("SHOP_TOKEN=", result.OutputText);
        Assert.DoesNotContain(Real, result.OutputText + result.ErrorText);
        Assert.Contains($"Authorization: Bearer {Real}", web.Seen.ToString());
        Assert.Contains($"Authorization: Bearer {new string('*', Real.Length)}", result.OutputText);
        var decision = (await home.EventsAsync("gate.egress.decision")).Single().GetProperty("data");
        Assert.Equal(("allow", "GET", "/x"), (decision.GetProperty("decision").GetString(), decision.GetProperty("method").GetString(), decision.GetProperty("path").GetString()));
        Assert.All(
            Directory.EnumerateFiles(home.Path, "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain(Real, Encoding.Latin1.GetString(ReadAll(file))));
    }

    [Fact]
    public async Task Bottle_EverythingInside_TrustsTheSession()
    {
        Clients.Need("runc");
        Clients.Need("openssl");
        await using var home = new Home();
        File.WriteAllText(Prepared(home), "---\n---\n");

        var result = await home.RunAsync(
            "bottle", "run", "dev", "--", "sh", "-c",
            "awk '/BEGIN/{c=\"\"} {c=c $0 \"\\n\"} END{printf \"%s\", c}' $SSL_CERT_FILE > /tmp/last.pem; openssl x509 -noout -subject -in /tmp/last.pem; openssl verify -x509_strict -CAfile $SSL_CERT_FILE /tmp/last.pem; env");

        Assert.Contains("egress gate of dev-", result.OutputText);
        Assert.Contains("/tmp/last.pem: OK", result.OutputText);
        foreach (var name in new[] { "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "SSL_CERT_FILE" })
        {
            Assert.Contains($"{name}=/etc/ssl/certs/ca-certificates.crt", result.OutputText);
        }
    }

    [Theory]
    [InlineData("token_ref: SHOP_TOKEN", "token_ref SHOP_TOKEN: it is not set, is empty")]
    [InlineData("token_ref: EMPTY_TOKEN", "token_ref EMPTY_TOKEN: it is not set, is empty")]
    [InlineData("token_file: /nonexistent/token", "token_file /nonexistent/token: it is not set, is empty, or cannot be read")]
    [InlineData("token_cmd: [sh, -c, exit 3]", "token_cmd sh -c exit 3: it is not set, is empty, or cannot be read")]
    public async Task Bottle_WithoutItsCredential_DoesNotStartAndNamesIt(string reference, string says)
    {
        await using var home = new Home();
        File.WriteAllText(Prepared(home), $"---\negress:\n  routes:\n    - host: shop.localhost\n      auth:\n        scheme: bearer\n        {reference}\n---\n");

        var result = await home.RunAsync(["bottle", "run", "dev", "--", "true"], ("EMPTY_TOKEN", ""));

        Assert.False(result.Succeeded);
        Assert.Contains(says, result.ErrorText);
    }

    [Fact]
    public async Task EgressRun_ServesABottlesFile_AndReadsItAgainWhenAsked()
    {
        Clients.Need("curl");
        await using var home = new Home();
        await using var web = new SecureWeb();
        Allow(home, web);
        var (bottle, authority) = (home["bottles/dev.md"], home["ca.pem"]);
        var spec = home.Spec(["egress", "run", "--bottle", bottle, "--listen", "127.0.0.1:0", "--ca-out", authority, "--events", home["events.jsonl"]], ("SHOP_TOKEN", Real));
        await using var gate = ChildProcess.Start(spec with { Output = ChildStream.Pipe, Error = ChildStream.AsOutput });
        using var output = new StreamReader(gate.Output!);
        var address = (await output.ReadLineAsync())!["listening on ".Length..];
        Assert.Equal("ready", await output.ReadLineAsync());
        string[] fetch = ["curl", "-sS", "--proxy", $"http://{address}", "--cacert", authority, $"https://shop.localhost:{web.Port}/x"];

        var first = await Clients.RunAsync(fetch);
        await File.WriteAllTextAsync(bottle, "---\negress:\n  routes: []\n---\n");
        gate.Send(Signal.Hangup);
        var second = await Clients.UntilAsync(() => Clients.RunAsync(fetch), result => !result.Succeeded, "the new routes");

        Assert.Contains("GET /x", first.OutputText);
        Assert.Contains("403", second.ErrorText);
        gate.Send(Signal.Terminate);
        Assert.Equal(0, await gate.Exited.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("\"host\":\"shop.localhost\"", await File.ReadAllTextAsync(home["events.jsonl"]));
        Assert.DoesNotContain(Real, await File.ReadAllTextAsync(home["events.jsonl"]));
    }

    [Fact]
    public async Task BottleReload_PutsTheFilesRoutesIntoForce_AndCutsNothing()
    {
        Clients.Need("runc");
        Clients.Need("curl");
        await using var home = new Home();
        await home.UpAsync();
        await using var web = new Web("the answer");
        File.WriteAllText(Prepared(home), "---\negress:\n  routes: []\n---\n");
        const string each = "while read x; do curl -s -o /dev/null -w '%{http_code}\n' --noproxy '' http://shop.localhost:PORT/; done";
        await using var session = home.Start("bottle", "run", "dev", "--", "sh", "-c", each.Replace("PORT", $"{web.Port}"));
        using var output = new StreamReader(session.Output!);
        async Task<string?> AskAsync()
        {
            await session.Input!.WriteAsync("go\n"u8.ToArray());
            await session.Input.FlushAsync();
            return await output.ReadLineAsync();
        }

        Assert.Equal("403", await AskAsync());
        File.WriteAllText(Prepared(home), $"---\negress:\n  routes: [{{host: shop.localhost, ports: [{web.Port}]}}]\n---\n");
        var slug = (await home.JsonAsync("bottle", "list", "--active", "--json")).EnumerateArray().Single().GetProperty("slug").GetString()!;
        var told = await home.RunAsync("bottle", "reload", slug);

        Assert.True(told.Succeeded, told.ErrorText);
        await Clients.UntilAsync(() => home.EventsAsync("gate.egress.state"), events => events.Count == 2, "ready, replaced");
        await Clients.UntilAsync(AskAsync, answer => answer == "200", "the new route");
        await session.Input!.DisposeAsync();
        Assert.Equal(0, await session.Exited.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static string Prepared(Home home)
    {
        Directory.CreateDirectory(home["bottles"]);
        return home["bottles/dev.md"];
    }

    private static void Allow(Home home, SecureWeb web)
    {
        File.WriteAllText(home["upstream.pem"], web.CertificatePem);
        File.WriteAllText(Prepared(home), $$"""
            ---
            egress:
              upstream_ca: [{{home["upstream.pem"]}}]
              routes:
                - host: shop.localhost
                  ports: [{{web.Port}}]
                  auth: {scheme: bearer, token_ref: SHOP_TOKEN}
            ---
            """);
    }

    private static byte[] ReadAll(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (IOException)
        {
            return []; // A socket.
        }
    }
}
