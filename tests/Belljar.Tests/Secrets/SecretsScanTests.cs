using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Belljar.Detection;
using Belljar.Detection.Rules;
using Belljar.Hosting;
using Belljar.Sandboxes.Processes;
using Belljar.Secrets;
using Belljar.Terminals;
using Belljar.Testing;

namespace Belljar.Tests.Secrets;

public sealed class SecretsScanTests : IDisposable
{
    private const string Token = "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";

    private const string Rules =
        """
        [[rules]]
        id = "forge-token"
        regex = '''\bghp_[0-9A-Za-z]{36}\b'''
        keywords = ["ghp_"]
        """;

    /// <summary>Sixty thousand lines of <c>line</c> and one of the token, by the zstd tool.</summary>
    private const string ZstandardOfToken = "28B52FFD04686C0000286C696E650A0100F8FFC88B16440000000100FDFFC80B1095010094026768705F7A5157427554534F6F5269344139737048635659356E636E73446B786B4A306D4C7131370A0100DD131D00019B5919DF";

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Folder_IsReadWhole_ExceptLinksAndPipes()
    {
        Directory.CreateDirectory(_folder["a/b"]);
        await File.WriteAllTextAsync(_folder[".gitignore"], "*\n", Ct);
        await File.WriteAllTextAsync(_folder["a/b/plain.txt"], $"x {Token} y", Ct);
        await File.WriteAllBytesAsync(_folder["a/log.gz"], Gzip($"line\n{Token}\n"), Ct);
        File.CreateSymbolicLink(_folder["a/link.txt"], _folder["a/b/plain.txt"]);

        var results = await ScanAsync(_folder.Path);

        Assert.Equal([_folder["a/b/plain.txt"], _folder["a/log.gz"]], results.Findings.Select(found => found.Path));
        Assert.Empty(results.Unreadable);
    }

    [Fact]
    public async Task AllowComment_CountsOnlyWhenAsked()
    {
        await File.WriteAllTextAsync(_folder["a.txt"], $"x {Token} # gitleaks:allow\n{Token}\n", Ct);
        await File.WriteAllTextAsync(_folder["rules.toml"], Rules, Ct);
        using var progress = new ProgressLine("scanned");

        var strict = await new FileScan(RuleSource.Load(_folder["rules.toml"], honoursComments: false), progress).RunAsync([_folder["a.txt"]], Ct);
        var lenient = await new FileScan(RuleSource.Load(_folder["rules.toml"], honoursComments: true), progress).RunAsync([_folder["a.txt"]], Ct);

        Assert.Equal([1, 2], strict.Findings.Select(found => found.Finding.Line));
        Assert.Equal(2, Assert.Single(lenient.Findings).Finding.Line);
    }

    [Fact]
    public async Task RuleFile_ThatCannotBeUsed_SaysWhy()
    {
        await File.WriteAllTextAsync(_folder["rules.toml"], "[[rules]]\nid = 'a'\nregex = '(?=x)'\n", Ct);

        var wrong = Assert.Throws<OperatorException>(() => RuleSource.Load(_folder["rules.toml"], honoursComments: false));

        Assert.Contains("a: this kind of group", wrong.Message);
        Assert.Equal(2, wrong.ExitCode);
    }

    [Fact]
    public async Task Baseline_CoversWhatMovedWithinItsFile()
    {
        await File.WriteAllTextAsync(_folder["a.txt"], Token, Ct);
        Baseline.Write(_folder["known.json"], (await ScanAsync(_folder["a.txt"])).Findings);
        await File.WriteAllTextAsync(_folder["a.txt"], $"a line more\n{Token}\n", Ct);

        var moved = Assert.Single((await ScanAsync(_folder["a.txt"])).Findings);

        Assert.True(Baseline.Read(_folder["known.json"]).Covers(moved));
        Assert.DoesNotContain(Token, await File.ReadAllTextAsync(_folder["known.json"], Ct));
    }

    [Fact]
    public async Task Reports_AreWellFormed_AndHoldNoSecret()
    {
        await File.WriteAllTextAsync(_folder["a b.txt"], Token, Ct);
        var set = Set();
        var results = await ScanAsync(_folder["a b.txt"]);
        var report = new SecretReport(set, results.Findings, results);
        using var json = new StringWriter();
        using var text = new StringWriter();

        report.WriteJson(json);
        report.WriteText(text);
        report.WriteSarif(_folder["out.sarif"]);

        using var rows = JsonDocument.Parse(json.ToString());
        Assert.Equal("forge-token", rows.RootElement[0].GetProperty("rule").GetString());
        using var sarif = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["out.sarif"], Ct));
        var result = sarif.RootElement.GetProperty("runs")[0].GetProperty("results")[0];
        Assert.Equal("forge-token", result.GetProperty("ruleId").GetString());
        Assert.EndsWith("/a%20b.txt", result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.All([json.ToString(), text.ToString(), sarif.RootElement.GetRawText()], output => Assert.DoesNotContain(Token[4..^4], output));
    }

    /// <summary>What SARIF 2.1.0 requires of the parts that are written (§3.13 log, §3.14 run, §3.18 tool, §3.27 result, §3.30 region).</summary>
    [Fact]
    public async Task Sarif_HasWhatItsStandardRequires()
    {
        await File.WriteAllTextAsync(_folder["plain.txt"], $"first\n  {Token}\n", Ct);
        await File.WriteAllTextAsync(_folder["ümlaut #1?.txt"], Convert.ToBase64String(Encoding.ASCII.GetBytes($"key {Token} end")), Ct);
        var results = await ScanAsync(_folder.Path);
        new SecretReport(Set(), results.Findings, results).WriteSarif(_folder["out.sarif"]);

        using var log = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["out.sarif"], Ct));

        Assert.Equal("2.1.0", log.RootElement.GetProperty("version").GetString());
        var run = Assert.Single(log.RootElement.GetProperty("runs").EnumerateArray());
        var driver = run.GetProperty("tool").GetProperty("driver");
        Assert.NotEmpty(driver.GetProperty("name").GetString()!);
        var rules = driver.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("id").GetString()).ToArray();
        Assert.Equal(rules.Distinct(), rules);
        Assert.All(driver.GetProperty("rules").EnumerateArray(), rule => Assert.NotEmpty(rule.GetProperty("shortDescription").GetProperty("text").GetString()!));
        Assert.Equal(2, run.GetProperty("results").GetArrayLength());
        Assert.All(run.GetProperty("results").EnumerateArray(), result =>
        {
            Assert.Equal(rules[result.GetProperty("ruleIndex").GetInt32()], result.GetProperty("ruleId").GetString());
            Assert.Contains(result.GetProperty("level").GetString(), new[] { "none", "note", "warning", "error" });
            Assert.NotEmpty(result.GetProperty("message").GetProperty("text").GetString()!);
            var place = Assert.Single(result.GetProperty("locations").EnumerateArray()).GetProperty("physicalLocation");
            Assert.True(Uri.IsWellFormedUriString(place.GetProperty("artifactLocation").GetProperty("uri").GetString(), UriKind.RelativeOrAbsolute));
            var region = place.GetProperty("region");
            Assert.True(region.GetProperty("startLine").GetInt64() >= 1 && region.GetProperty("startColumn").GetInt64() >= 1);
            Assert.True(region.GetProperty("byteOffset").GetInt64() >= 0 && region.GetProperty("byteLength").GetInt64() >= 1);
        });
    }

    [Fact]
    public async Task Zstandard_IsReadAsWhatItBecomes()
    {
        await File.WriteAllBytesAsync(_folder["log.zst"], Convert.FromHexString(ZstandardOfToken), Ct);

        var found = Assert.Single((await ScanAsync(_folder.Path)).Findings);

        Assert.Equal((60_001, ""), (found.Finding.Line, found.Finding.Encoding));
    }

    [Fact]
    public async Task Path_IsNamedAsGitNamesIt()
    {
        await File.WriteAllTextAsync(_folder["a.txt"], Token, Ct);
        var before = Directory.GetCurrentDirectory();
        var relative = Path.GetRelativePath(before, _folder.Path);

        var found = Assert.Single((await ScanAsync($"./{relative}")).Findings);

        Assert.Equal(Path.Combine(relative, "a.txt"), found.Path);
    }

    [Fact]
    public async Task History_IsReadInBlobsMessagesTagsAndNames()
    {
        Assert.SkipWhen(ProgramPath.Find("git") is null, "git is not installed");
        await GitAsync("init", "-q", "-b", "main");
        await CommitAsync("blob.txt", $"key {Token}", "first");
        await CommitAsync("blob.txt", "nothing", $"message {Token}");
        await CommitAsync($"dir/{Token}.txt", "nothing again", "third");
        await CommitAsync("blob.txt", $"key {Token}", "back again");
        await GitAsync("tag", "-a", "v1", "-m", $"tag {Token}");
        using var progress = new ProgressLine("scanned");

        var all = await new GitScan(Set(), progress).RunAsync(_folder.Path, null, Ct);
        var last = await new GitScan(Set(), progress).RunAsync(_folder.Path, "HEAD~2..HEAD~1", Ct);

        Assert.Equal(["(commit message)", "(path names)", "(tag message)", "blob.txt"], all.Findings.Select(found => found.Path));
        Assert.Equal("first", (await GitAsync("log", "-1", "--format=%s", all.Findings[3].Commit!)).Trim());
        Assert.Equal("(path names)", Assert.Single(last.Findings).Path);
    }

    [Fact]
    public async Task History_OfNoRepository_SaysWhatGitSays()
    {
        Assert.SkipWhen(ProgramPath.Find("git") is null, "git is not installed");
        using var progress = new ProgressLine("scanned");

        var wrong = await Assert.ThrowsAsync<OperatorException>(() => new GitScan(Set(), progress).RunAsync(_folder.Path, null, Ct));

        Assert.Contains("not a git repository", wrong.Message);
    }

    private static RuleSet Set() => RuleSet.Compile(RuleFile.TryParse(Encoding.UTF8.GetBytes(Rules), out var file, out _) ? file : new RuleFile());

    private static async Task<ScanResults> ScanAsync(string path)
    {
        using var progress = new ProgressLine("scanned");
        return await new FileScan(Set(), progress).RunAsync([path], Ct);
    }

    private static byte[] Gzip(string text)
    {
        using var output = new MemoryStream();
        using (var stream = new GZipStream(output, CompressionLevel.Fastest))
        {
            stream.Write(Encoding.ASCII.GetBytes(text));
        }

        return output.ToArray();
    }

    private async Task CommitAsync(string path, string content, string message)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        await File.WriteAllTextAsync(_folder[path], content, Ct);
        await GitAsync("add", "-A");
        await GitAsync("commit", "-q", "-m", message);
    }

    private async Task<string> GitAsync(params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = ProgramPath.Default,
            ["HOME"] = _folder.Path,
            ["GIT_AUTHOR_NAME"] = "A",
            ["GIT_AUTHOR_EMAIL"] = "a@a.example",
            ["GIT_COMMITTER_NAME"] = "A",
            ["GIT_COMMITTER_EMAIL"] = "a@a.example",
        };
        var result = await ChildProcess.RunAsync(new ChildSpec(["git", "-C", _folder.Path, .. arguments]) { Environment = environment }, RunLimits.Default, Ct);
        Assert.True(result.Succeeded, result.ErrorText);
        return result.OutputText;
    }
}
