using System.Diagnostics.CodeAnalysis;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Belljar.Contracts;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Egress.Tests.Clients;

/// <summary>Programs that people use, through a gate that reads what they say.</summary>
public sealed class ClientTests : IAsyncLifetime
{
    private const string Real = ClientRig.Real;
    private const string Fake = ClientRig.Fake;

    private readonly ClientRig _rig = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    public static TheoryData<string, string[]> Fetchers() => new()
    {
        { "curl", ["curl", "-sS", "--http1.1", "https://api.example/hello"] },
        { "curl", ["curl", "-sS", "--http2", "https://api.example/hello"] },
        { "wget", ["wget", "-qO-", "https://api.example/hello"] },
        { "python3", ["/usr/bin/python3", "-c", "import urllib.request as u; print(u.urlopen('https://api.example/hello').read().decode())"] },
        { "python3 requests", ["/usr/bin/python3", "-c", "import requests; print(requests.get('https://api.example/hello').text)"] },
        { "python3 httpx", ["/usr/bin/python3", "-c", "import httpx; print(httpx.get('https://api.example/hello').text)"] },
        {
            "python3 aiohttp",
            [
                "/usr/bin/python3", "-c", """
                import aiohttp, asyncio
                async def main():
                    async with aiohttp.ClientSession(trust_env=True) as session:
                        async with session.get('https://api.example/hello') as answer:
                            print(await answer.text())
                asyncio.run(main())
                """
            ]
        },
        {
            "node undici",
            [
                "node", "-e", """
                const {request, ProxyAgent} = require('/usr/share/nodejs/undici');
                const dispatcher = new ProxyAgent({uri: process.env.HTTPS_PROXY, requestTls: {ca: require('fs').readFileSync(process.env.SSL_CERT_FILE)}});
                request('https://api.example/hello', {dispatcher}).then(answer => answer.body.text()).then(text => process.stdout.write(text)).then(() => dispatcher.close());
                """
            ]
        },
        {
            "node",
            [
                "node", "-e", """
                const proxy = new URL(process.env.HTTPS_PROXY);
                const headers = {host: 'api.example:443'};
                require('http').request({host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: 'api.example:443', headers}).on('connect', (_, socket) => {
                    require('https').get('https://api.example/hello', {socket, agent: false}, answer => answer.pipe(process.stdout));
                }).end();
                """
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Fetchers))]
    public async Task AClient_FetchesThroughTheGate(string what, string[] command)
    {
        await _rig.NeedAsync(what);

        var result = await _rig.RunAsync(command);

        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Equal("hello from outside", result.OutputText.Trim());
        Assert.Equal((Verdict.Allow, "/hello"), await _rig.Gate.Events.NextAsync() is var decision ? (decision.Decision, decision.Path) : default);
    }

    /// <summary>Its compiler takes longer than everything else here.</summary>
    [Fact]
    public async Task Go_FetchesThroughTheGate()
    {
        await _rig.NeedAsync("go");
        Assert.SkipUnless(TestScale.IsAll, "takes long: ./test --all");
        await File.WriteAllTextAsync(_rig.Folder["work/main.go"], """
            package main

            import ("fmt"; "io"; "net/http"; "os")

            func main() {
                answer, err := http.Get("https://api.example/hello")
                if err != nil { fmt.Fprintln(os.Stderr, err); os.Exit(1) }
                io.Copy(os.Stdout, answer.Body)
            }
            """);

        var result = await _rig.RunAsync(["go", "run", "main.go"], TimeSpan.FromMinutes(4));

        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Equal("hello from outside", result.OutputText);
    }

    [Fact]
    public async Task Curl_SendsThePlaceholder_AndTheHostSeesTheRealValue_AndTheAnswerDoesNot()
    {
        await _rig.NeedAsync("curl");

        var result = await _rig.RunAsync(["curl", "-sS", "-H", $"Authorization: Bearer {Fake}", "https://api.example/head"]);

        Assert.Contains($"Authorization: Bearer {new string('*', Real.Length)}", result.OutputText);
        Assert.DoesNotContain(Real, result.OutputText);
    }

    [Fact]
    public async Task Curl_ThatIsRefused_ShowsWhatToDo()
    {
        await _rig.NeedAsync("curl");
        _rig.Gate.Gate.Replace(
            new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example") with { Methods = ["GET"] }]), TestGate.Secrets);

        var result = await _rig.RunAsync(["curl", "-sS", "-X", "DELETE", "https://api.example/hello"]);

        Assert.Contains("the route does not allow this method", result.OutputText);
        Assert.Contains("http://belljar.internal/routes", result.OutputText);
    }

    [Fact]
    public async Task Git_ClonesOverHttps_AndCannotPush()
    {
        await _rig.NeedAsync("git");
        var origin = _rig.Folder["origin"];
        await GitAsync("init", "-q", "-b", "main", origin);
        await File.WriteAllTextAsync(Path.Combine(origin, "readme"), "cloned");
        await GitAsync("-C", origin, "add", ".");
        await GitAsync("-C", origin, "-c", "user.name=A", "-c", "user.email=a@a.example", "commit", "-qm", "first");
        await GitAsync("-C", origin, "update-server-info");
        _rig.Host.AddFolder("/r.git", Path.Combine(origin, ".git"));

        var cloned = await _rig.RunAsync(["git", "clone", "-q", "https://api.example/r.git", "copy"]);
        var pushed = await _rig.RunAsync(["git", "-C", "copy", "push", "origin", "main:other"]);

        Assert.True(cloned.Succeeded, cloned.ErrorText);
        Assert.Equal("cloned", await File.ReadAllTextAsync(_rig.Folder["work/copy/readme"]));
        Assert.False(pushed.Succeeded);
        Assert.Contains("403", pushed.ErrorText);
    }

    [Fact]
    public async Task Pip_DownloadsFromAnIndex()
    {
        await _rig.NeedAsync("python3 pip");
        var wheel = new MemoryStream();
        using (var zip = new ZipArchive(wheel, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write("tiny.py", "x = 1\n");
            Write("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n");
            Write("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
            Write("tiny-1.0.dist-info/RECORD", "tiny.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\ntiny-1.0.dist-info/RECORD,,\n");

            void Write(string name, string text)
            {
                using var entry = new StreamWriter(zip.CreateEntry(name).Open());
                entry.Write(text);
            }
        }

        _rig.Host["/files/tiny-1.0-py3-none-any.whl"] = wheel.ToArray();
        _rig.Host.Add("/simple/tiny/", "<html><body><a href=\"/files/tiny-1.0-py3-none-any.whl\">tiny-1.0-py3-none-any.whl</a></body></html>");

        var result = await _rig.RunAsync(
            ["/usr/bin/python3", "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--target", "site", "--index-url", "https://api.example/simple/", "tiny"]);

        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Equal("x = 1\n", await File.ReadAllTextAsync(_rig.Folder["work/site/tiny.py"]));
    }

    [Fact]
    public async Task Npm_InstallsFromARegistry()
    {
        await _rig.NeedAsync("npm");
        var package = new MemoryStream();
        await using (var gzip = new GZipStream(package, CompressionLevel.Fastest, leaveOpen: true))
        await using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
        {
            await tar.WriteEntryAsync(Entry("package/package.json", "{\"name\":\"tiny\",\"version\":\"1.0.0\"}"));
            await tar.WriteEntryAsync(Entry("package/index.js", "module.exports = 1\n"));
        }

        var tarball = package.ToArray();
        _rig.Host["/files/tiny-1.0.0.tgz"] = tarball;
        _rig.Host.Add("/npm/tiny", $$"""
            {"name":"tiny","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"tiny","version":"1.0.0","dist":{
            "tarball":"https://api.example/files/tiny-1.0.0.tgz","integrity":"sha512-{{Convert.ToBase64String(SHA512.HashData(tarball))}}"} } } }
            """);

        var result = await _rig.RunAsync(["npm", "install", "--no-audit", "--no-fund", "--no-update-notifier", "--registry", "https://api.example/npm/", "tiny"], TimeSpan.FromMinutes(3));

        Assert.True(result.Succeeded, result.ErrorText + result.OutputText);
        Assert.Equal("module.exports = 1\n", await File.ReadAllTextAsync(_rig.Folder["work/node_modules/tiny/index.js"]));

        static UstarTarEntry Entry(string name, string text) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.ASCII.GetBytes(text)) };
    }

    [Fact]
    public async Task Apt_DownloadsFromAMirror()
    {
        await _rig.NeedAsync("apt-get");
        var deb = Encoding.ASCII.GetBytes("stands for a package");
        _rig.Host["/deb/tiny_1_all.deb"] = deb;
        _rig.Host.Add("/deb/Packages", $"""
            Package: tiny
            Version: 1
            Architecture: all
            Maintainer: A <a@a.example>
            Filename: ./tiny_1_all.deb
            Size: {deb.Length}
            SHA256: {Convert.ToHexStringLower(SHA256.HashData(deb))}
            Description: tiny

            """);
        Directory.CreateDirectory(_rig.Folder["apt/lists/partial"]);
        Directory.CreateDirectory(_rig.Folder["apt/cache/archives/partial"]);
        await File.WriteAllTextAsync(_rig.Folder["apt/status"], "");
        await File.WriteAllTextAsync(_rig.Folder["apt/sources.list"], "deb [trusted=yes] https://api.example/deb ./\n");
        string[] options =
        [
            "-o", $"Dir::Etc::sourcelist={_rig.Folder["apt/sources.list"]}", "-o", "Dir::Etc::sourceparts=/dev/null", "-o", "Dir::Etc::parts=/dev/null", "-o", "Dir::Etc::main=/dev/null",
            "-o", $"Dir::State={_rig.Folder["apt"]}", "-o", $"Dir::State::status={_rig.Folder["apt/status"]}", "-o", $"Dir::Cache={_rig.Folder["apt/cache"]}", "-o", "APT::Sandbox::User=", "-o", "APT::Update::Post-Invoke::=",
            "-o", $"Acquire::https::Proxy=http://{_rig.Gate.Address}", "-o", $"Acquire::https::CAInfo={_rig.Authority}", "-o", "Acquire::Languages=none",
        ];

        var updated = await _rig.RunAsync(["apt-get", .. options, "update"]);
        var downloaded = await _rig.RunAsync(["apt-get", .. options, "download", "tiny"]);

        Assert.True(updated.Succeeded, updated.ErrorText + updated.OutputText);
        Assert.True(downloaded.Succeeded, downloaded.ErrorText + downloaded.OutputText);
        Assert.Equal(deb, await File.ReadAllBytesAsync(_rig.Folder["work/tiny_1_all.deb"]));
    }

    /// <summary>Much data, both ways: a gibibyte with <c>./test --all</c>.</summary>
    [Fact]
    public async Task Curl_DownloadsAndUploadsALot()
    {
        await _rig.NeedAsync("curl");
        var length = TestScale.IsAll ? 1L << 30 : 8L << 20;
        await using (var file = File.Create(_rig.Folder["large"]))
        {
            file.SetLength(length);
        }

        var down = await _rig.RunAsync(["curl", "-sS", "-o", "/dev/null", "-w", "%{size_download}", $"https://api.example/download?n={length}"], TimeSpan.FromMinutes(4));
        var up = await _rig.RunAsync(["curl", "-sS", "-T", _rig.Folder["large"], "https://api.example/upload"], TimeSpan.FromMinutes(4));
        var chunked = await _rig.RunAsync(["curl", "-sS", "-T", _rig.Folder["large"], "-H", "Transfer-Encoding: chunked", "https://api.example/upload"], TimeSpan.FromMinutes(4));

        Assert.Equal(($"{length}", $"{length}", $"{length}"), (down.OutputText, up.OutputText, chunked.OutputText));
    }

    private async Task GitAsync(params string[] words)
    {
        var result = await _rig.RunAsync(["git", .. words]);
        Assert.True(result.Succeeded, result.ErrorText);
    }
}
