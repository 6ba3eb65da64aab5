using System.Security.Cryptography;
using System.Text;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Authentication.Dkim;

/// <summary>Signatures that other people's programs made.</summary>
public sealed class OtherSignersTests : IDisposable
{
    private const string SearchPath = "/usr/bin:/bin:/usr/sbin:/sbin";
    private const string Letter = "From: Ann <ann@a.example>\r\nDate: Sat, 14 Mar 2026 09:26:53 +0000\r\nTo: bob@b.example\r\nSubject:  Hello\t there\r\n again\r\n\r\nA  line \r\n\r\nand caf\u00E9\r\n.\r\n\r\n\r\n";

    private readonly TemporaryFolder _folder = new();

    /// <summary>They sign with the true time.</summary>
    private readonly Rig _rig = new(now: TimeProvider.System.GetUtcNow());

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("relaxed", "relaxed")]
    [InlineData("relaxed", "simple")]
    [InlineData("simple", "relaxed")]
    [InlineData("simple", "simple")]
    public async Task Dkimsign_Rsa_Passes(string header, string body) =>
        await AssertPassesAsync("dkimsign", "--hcanon", header, "--bcanon", body, "k", "a.example", PemFile());

    [Fact]
    public async Task Dkimsign_Ed25519_Passes()
    {
        SkipWithout("dknewkey");
        await RunAsync("dknewkey", [], "--ktype", "ed25519", _folder["ed"]);
        var record = (await File.ReadAllTextAsync(_folder["ed.dns"])).Trim();
        _rig.Zone.Add("k._domainkey.a.example", "TXT", record);

        await AssertPassesAsync("dkimsign", "--signalg", "ed25519-sha256", "k", "a.example", _folder["ed.key"]);
    }

    /// <summary>This program signs with rsa-sha1 alone, which the shipped policy does not accept.</summary>
    [Fact]
    public async Task Opendkim_RsaSha1_FitsWhereItIsAccepted()
    {
        _rig.Policy = _rig.Policy with { AcceptSha1 = true };
        await AssertPassesAsync("opendkim-testmsg", "-C", "-d", "a.example", "-s", "k", "-k", PemFile());
    }

    private async Task AssertPassesAsync(params string[] command)
    {
        SkipWithout(command[0]);
        var signed = await RunAsync(command[0], Encoding.Latin1.GetBytes(Letter), command[1..]);
        var results = await _rig.VerifyAsync(Encoding.Latin1.GetString(signed));

        Assert.Equal((DkimVerdict.Pass, "the signature fits"), (results.Dkim[0].Verdict, results.Dkim[0].Reason));
        Assert.True(results.IsAligned);
        var changed = await _rig.VerifyAsync(Encoding.Latin1.GetString(signed).Replace("caf\u00E9", "caf\u00E8"));
        Assert.Equal(DkimVerdict.Fail, changed.Dkim[0].Verdict);
    }

    private string PemFile()
    {
        using var rsa = RSA.Create(1024);
        File.WriteAllText(_folder["rsa.key"], rsa.ExportRSAPrivateKeyPem() + "\n");
        File.SetUnixFileMode(_folder["rsa.key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _rig.Zone.Add("k._domainkey.a.example", "TXT", Rig.Chunks($"v=DKIM1; k=rsa; p={Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())}"));
        return _folder["rsa.key"];
    }

    private async Task<byte[]> RunAsync(string program, byte[] input, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(
            new ChildSpec([program, .. arguments]) { Environment = new Dictionary<string, string> { ["PATH"] = SearchPath }, WorkingDirectory = _folder.Path },
            new RunLimits { Timeout = TimeSpan.FromSeconds(30), Input = input },
            CancellationToken.None);
        Assert.True(result.Succeeded, result.ErrorText);
        return result.Output;
    }

    private static void SkipWithout(string program) => Assert.SkipUnless(
        SearchPath.Split(':').Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is not installed");
}
