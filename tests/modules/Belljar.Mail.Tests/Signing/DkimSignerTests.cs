using System.Text;
using System.Text.Json;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Signing;
using Belljar.Mail.Tests.Authentication;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Signing;

public sealed class DkimSignerTests : IDisposable
{
    private const string Letter =
        "From: Agent <agent@a.example>\r\nTo: bob@b.example\r\nSubject: Gr\u00fc\u00dfe  and\r\n\tmore\r\nDate: Sat, 14 Mar 2026 09:26:53 +0000\r\nMessage-ID: <1@a.example>\r\nX-Loose: y\r\n\r\nA  line \r\n\r\n.\r\nand caf\u00e9\r\n\r\n\r\n";

    private readonly TemporaryFolder _folder = new();
    private readonly Rig _rig = new(now: TimeProvider.System.GetUtcNow());
    private readonly DkimKeyStore _keys;
    private readonly DkimSigner _signer;

    public DkimSignerTests()
    {
        _keys = new DkimKeyStore(_folder.Path, _rig.Clock);
        _signer = new DkimSigner(_keys, _rig.Clock);
    }

    public void Dispose()
    {
        _signer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void PublicHalves_AreThereForWhoeverSaysWhatToPublish()
    {
        var name = _keys.Generate("a.example");

        var published = Belljar.Mail.Records.DkimRecords.Read(_folder["dkim"], "a.example");

        Assert.Equal([name + "e._domainkey.a.example", name + "r._domainkey.a.example"], published.Select(record => record.Name));
        Assert.Equal(_keys.Records("a.example", name).Select(record => record.Text).Order(), published.Select(record => record.Text).Order());
        Assert.Equal([name], _keys.Names("a.example"));
    }

    [Fact]
    public async Task BothSignatures_AreVerifiedByOurselves()
    {
        Publish(_keys.Generate("a.example"));
        var signed = Sign(Letter);
        var results = await _rig.VerifyAsync(signed);
        Assert.Equal(["rsa-sha256", "ed25519-sha256"], results.Dkim.Select(result => result.Algorithm));
        Assert.All(results.Dkim, result => Assert.Equal((DkimVerdict.Pass, "a.example"), (result.Verdict, result.Domain)));
        Assert.All(signed.Split("\r\n"), line => Assert.True(line.Length <= 100, line));
    }

    [Theory]
    [InlineData("From: Agent", "From: Eve")]
    [InlineData("Subject: ", "Subject: x")]
    [InlineData("\r\n\r\nA ", "\r\n\r\nB ")]
    [InlineData("From: Agent", "From: eve@a.example\r\nFrom: Agent")]
    [InlineData("To: bob", "To: eve@b.example\r\nTo: bob")]
    [InlineData("X-Loose: y", "Reply-To: eve@e.example")]
    [InlineData("X-Loose: y", "Content-Type: text/html")]
    public async Task WhatIsSigned_CannotBeChangedOrAddedTo(string before, string after)
    {
        Publish(_keys.Generate("a.example"));
        var results = await _rig.VerifyAsync(Sign(Letter).Replace(before, after, StringComparison.Ordinal));
        Assert.All(results.Dkim, result => Assert.Equal(DkimVerdict.Fail, result.Verdict));
    }

    [Fact]
    public async Task WhitespaceAndUnsignedFields_MayChange()
    {
        Publish(_keys.Generate("a.example"));
        var results = await _rig.VerifyAsync(Sign(Letter).Replace("X-Loose: y", "X-Loose: z", StringComparison.Ordinal).Replace("A  line ", "A line", StringComparison.Ordinal));
        Assert.All(results.Dkim, result => Assert.Equal(DkimVerdict.Pass, result.Verdict));
    }

    [Fact]
    public async Task Rotation_TheNewPairWaitsUntilItIsUsed()
    {
        var first = _keys.Generate("A.Example");
        var second = _keys.Generate("a.example");
        Assert.NotEqual(first, second);
        Publish(first);
        Publish(second);
        Assert.Contains($"s={first}r;", Sign(Letter), StringComparison.Ordinal);
        Assert.True(_keys.Use("a.example", second));
        Assert.False(_keys.Use("a.example", "../../etc"));
        var signed = Sign(Letter);
        Assert.Contains($"s={second}r;", signed, StringComparison.Ordinal);
        Assert.All((await _rig.VerifyAsync(signed)).Dkim, result => Assert.Equal(DkimVerdict.Pass, result.Verdict));
        Assert.Equal([first, second], _keys.Names("a.example"));
    }

    [Fact]
    public void Keys_AreTheirOwnersAlone()
    {
        var name = _keys.Generate("a.example");
        foreach (var file in Directory.EnumerateFiles(_folder["dkim"], "*", SearchOption.AllDirectories))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        foreach (var folder in Directory.EnumerateDirectories(_folder.Path, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }

        Assert.All(_keys.Records("a.example", name), record => Assert.DoesNotContain("belljar", record.ToZoneLine(), StringComparison.OrdinalIgnoreCase));
        Assert.All(_keys.Records("a.example", name), record => Assert.All(record.ToZoneLine().Split('"').Where((_, i) => i % 2 == 1), part => Assert.InRange(part.Length, 1, 255)));
    }

    [Fact]
    public void DomainWithoutKeys_SaysWhatToDo()
    {
        Assert.Null(_signer.TrySign(Encoding.UTF8.GetBytes(Letter), "a.example", out var problem));
        Assert.Contains("belljar mail dkim-keygen a.example", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenKeyFile_IsAProblemAndNoException()
    {
        var name = _keys.Generate("a.example");
        File.WriteAllText(_folder[$"dkim/a.example/{name}/rsa.pem"], "nonsense");
        Assert.Null(_signer.TrySign(Encoding.UTF8.GetBytes(Letter), "a.example", out var problem));
        Assert.NotNull(problem);
    }

    /// <summary>Another implementation, with our records instead of the domain name system's.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Dkimpy_AcceptsBoth(int index)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/dkimverify"), "python3-dkim is not installed");
        Publish(_keys.Generate("a.example"));
        var records = _keys.Records("a.example", _keys.CurrentName("a.example")!).ToDictionary(record => record.Name + ".", record => record.Text);
        var script = "import dkim, json, sys\nrecords = json.loads(sys.argv[1])\n"
            + "dns = lambda name, timeout=5: records[name.decode()].encode() if name.decode() in records else None\n"
            + "print(dkim.DKIM(sys.stdin.buffer.read()).verify(idx=int(sys.argv[2]), dnsfunc=dns))\n";
        var result = await RunAsync(Encoding.Latin1.GetBytes(Sign(Letter)), "/usr/bin/python3", "-c", script, JsonSerializer.Serialize(records), $"{index}");
        Assert.Equal("True", result.OutputText.Trim() + result.ErrorText);
    }

    /// <summary>opendkim's own verifier knows rsa alone; it must not stumble over the other.</summary>
    [Fact]
    public async Task Opendkim_AcceptsRsa()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/opendkim"), "opendkim is not installed");
        Publish(_keys.Generate("a.example"));
        var rsa = _keys.Records("a.example", _keys.CurrentName("a.example")!)[0];
        await File.WriteAllTextAsync(_folder["records"], $"{rsa.Name} {rsa.Text}\n");
        await File.WriteAllTextAsync(_folder["opendkim.conf"], $"Mode v\nTestDNSData {_folder["records"]}\nAlwaysAddARHeader yes\nAuthservID test\nBackground no\n");
        await File.WriteAllBytesAsync(_folder["message.eml"], Encoding.Latin1.GetBytes(Sign(Letter)));
        var result = await RunAsync([], "/usr/sbin/opendkim", "-x", _folder["opendkim.conf"], "-vv", "-t", _folder["message.eml"]);
        Assert.Contains("verification (s=" + _keys.CurrentName("a.example") + "r, d=a.example, 2048-bit key", result.OutputText + result.ErrorText, StringComparison.Ordinal);
        Assert.Contains("succeeded", result.OutputText + result.ErrorText, StringComparison.Ordinal);
    }

    private static Task<RunResult> RunAsync(byte[] input, params string[] command) => ChildProcess.RunAsync(
        new ChildSpec(command) { Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["LC_ALL"] = "C.UTF-8" } },
        new RunLimits { Timeout = TimeSpan.FromSeconds(60), Input = input },
        CancellationToken.None);

    private void Publish(string name)
    {
        foreach (var record in _keys.Records("a.example", name))
        {
            _rig.Zone.Add(record.Name, "TXT", Rig.Chunks(record.Text));
        }
    }

    private string Sign(string message)
    {
        var bytes = Encoding.Latin1.GetBytes(message);
        var fields = _signer.TrySign(bytes, "a.example", out var problem);
        Assert.Null(problem);
        return Encoding.Latin1.GetString(fields!) + message;
    }
}
