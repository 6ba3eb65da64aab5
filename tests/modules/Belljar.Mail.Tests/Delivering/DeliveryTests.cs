using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Mail.Delivering;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Tests.Outgoing;

namespace Belljar.Mail.Tests.Delivering;

/// <summary>Where mail goes, and where it does not.</summary>
public sealed class DeliveryTests : IAsyncDisposable
{
    private readonly OutgoingRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Hosts_ByPreference_TheNextWhereNobodyAnswers()
    {
        _rig.Zone.Add("d.example", "MX", "20", "second.d.example").Add("d.example", "MX", "10", "first.d.example")
            .Add("first.d.example", "A", "198.51.100.1").Add("second.d.example", "A", "198.51.100.2");
        _rig.Network.IsUnreachable = to => to.Address.Equals(IPAddress.Parse("198.51.100.1"));
        var outcome = await SendAsync("x@d.example");
        Assert.True(outcome.IsDelivered);
        Assert.Equal(["198.51.100.1:25", "198.51.100.2:25"], _rig.Network.Dialled.Select(to => to.ToString()));
    }

    [Fact]
    public async Task Host_ThatBreaksOff_IsNotTheLast()
    {
        _rig.Zone.Add("d.example", "MX", "20", "second.d.example").Add("d.example", "MX", "10", "first.d.example")
            .Add("first.d.example", "A", "198.51.100.1").Add("second.d.example", "A", "198.51.100.2");
        var dropped = 0;
        _rig.Sink.Drops = command => command.StartsWith("MAIL", StringComparison.Ordinal) && Interlocked.Increment(ref dropped) == 1;
        Assert.True((await SendAsync("x@d.example")).IsDelivered);
        Assert.Equal(2, _rig.Network.Dialled.Count);
    }

    /// <summary>It may have been taken: another server would have it twice.</summary>
    [Fact]
    public async Task AnswerToTheWholeMessage_Missing_WaitsAndTriesNobodyElse()
    {
        _rig.Zone.Add("d.example", "MX", "20", "second.d.example").Add("d.example", "MX", "10", "first.d.example")
            .Add("first.d.example", "A", "198.51.100.1").Add("second.d.example", "A", "198.51.100.2");
        _rig.Sink.Drops = command => command == ".";
        Assert.Equal(RecipientState.Queued, (await SendAsync("x@d.example")).Recipients[0].State);
        Assert.Single(_rig.Network.Dialled);
    }

    [Theory]
    [InlineData("null.example", "null MX")]
    [InlineData("nowhere.example", "does not exist")]
    [InlineData("private.example", "private")]
    [InlineData("loop.example", "loopback")]
    [InlineData("metadata.example", "metadata")]
    [InlineData("bare.example", "no mail server")]
    [InlineData("circle.example", "comes back to this server")]
    [InlineData("[127.0.0.1]", "loopback")]
    [InlineData("[IPv6:::ffff:10.0.0.1]", "private")]
    public async Task DomainThatCannotBeReached_FailsForGood(string domain, string reason)
    {
        _rig.Zone.Add("null.example", "MX", "0", "").Add("private.example", "MX", "10", "mx.private.example").Add("mx.private.example", "A", "10.1.2.3")
            .Add("loop.example", "A", "127.0.0.1").Add("metadata.example", "A", "169.254.169.254").Add("bare.example", "TXT", "x")
            .Add("circle.example", "MX", "10", "mx.test").Add("circle.example", "MX", "20", "mx.b.example");
        var outcome = await SendAsync($"x@{domain}");
        Assert.Equal(RecipientState.Failed, outcome.Recipients[0].State);
        Assert.Contains(reason, outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(_rig.Network.Dialled);
    }

    [Fact]
    public async Task PrivateAddress_ThatIsAllowed_IsReached()
    {
        _rig.Options = _rig.Options with { AllowedNetworks = [IPNetwork.Parse("10.0.0.0/8")] };
        _rig.Zone.Add("private.example", "A", "10.1.2.3");
        Assert.True((await SendAsync("x@private.example")).IsDelivered);
    }

    [Theory]
    [InlineData("a.example")]
    [InlineData("broken.example")]
    public async Task DomainNobodyCanLookUp_Waits(string domain)
    {
        _rig.Zone.Add("a.example", "CNAME", "z.example").Add("z.example", "CNAME", "a.example").AddFailure("broken.example");
        var outcome = await SendAsync($"x@{domain}");
        Assert.Equal(RecipientState.Queued, outcome.Recipients[0].State);
        Assert.Contains("could not be looked up", outcome.Reason, StringComparison.Ordinal);
    }

    /// <summary>A host with an MX whose servers are down is not asked itself, though it has an address.</summary>
    [Fact]
    public async Task DomainWithAnMx_IsNotItselfAServer()
    {
        _rig.Zone.Add("d.example", "MX", "10", "mx.d.example").Add("d.example", "A", "198.51.100.9").Add("mx.d.example", "TXT", "no address");
        Assert.Equal(RecipientState.Failed, (await SendAsync("x@d.example")).Recipients[0].State);
        Assert.Empty(_rig.Network.Dialled);
    }

    [Fact]
    public async Task Tls_IsUsedWhereOffered_WhateverTheCertificate()
    {
        using var certificate = Certificate("other.test");
        _rig.Sink.Certificate = certificate;
        Assert.True((await SendAsync("x@b.example")).IsDelivered);
        Assert.True(Assert.Single(_rig.Sink.Messages).IsSecure);
    }

    [Fact]
    public async Task Handshake_ThatFails_IsNoReasonNotToDeliver()
    {
        using var certificate = Certificate("mx.b.example");
        _rig.Sink.Certificate = certificate;
        _rig.Sink.BreaksHandshakes = true;
        Assert.True((await SendAsync("x@b.example")).IsDelivered);
        Assert.False(Assert.Single(_rig.Sink.Messages).IsSecure);
    }

    [Theory]
    [InlineData("enforce", "mx.b.example", "mx.b.example", RecipientState.Delivered)]
    [InlineData("enforce", "mx.b.example", "*.b.example", RecipientState.Delivered)]
    [InlineData("enforce", "other.test", "mx.b.example", RecipientState.Queued)]
    [InlineData("enforce", null, "mx.b.example", RecipientState.Queued)]
    [InlineData("enforce", "mx.b.example", "mx2.b.example", RecipientState.Queued)]
    [InlineData("testing", null, "mx2.b.example", RecipientState.Delivered)]
    [InlineData("none", null, "mx2.b.example", RecipientState.Delivered)]
    public async Task MtaSts_IsObeyed(string mode, string? certificateOf, string named, RecipientState expected)
    {
        using var certificate = Certificate(certificateOf ?? "x.test");
        _rig.Sink.Certificate = certificateOf is null ? null : certificate;
        TrustOnly(certificate);
        _rig.Zone.Add("_mta-sts.b.example", "TXT", "v=STSv1; id=1;");
        _rig.Policies["b.example"] = $"version: STSv1\r\nmode: {mode}\r\nmx: {named}\r\nmax_age: 86400\r\n";
        Assert.Equal(expected, (await SendAsync("x@b.example")).Recipients[0].State);
        Assert.Equal(expected == RecipientState.Delivered ? 1 : 0, _rig.Sink.Messages.Count);
    }

    /// <summary>Whoever can hide the record cannot switch off what is known.</summary>
    [Fact]
    public async Task MtaSts_IsRememberedAcrossARestart()
    {
        using var certificate = Certificate("mx.b.example");
        _rig.Sink.Certificate = certificate;
        TrustOnly(certificate);
        _rig.Zone.Add("_mta-sts.b.example", "TXT", "v=STSv1; id=1;").Add("_mta-sts.b.example", "A", "198.51.100.3");
        _rig.Policies["b.example"] = "version: STSv1\nmode: enforce\nmx: mx.b.example\nmax_age: 86400\n";
        Assert.True((await SendAsync("x@b.example")).IsDelivered);
        await _rig.StopAsync();
        _rig.Policies.Clear();
        _rig.Zone.Add("_mta-sts.b.example", "TXT", "v=STSv1; id=2;");
        _rig.Sink.Certificate = null;
        Assert.Contains("TLS", (await SendAsync("x@b.example")).Reason, StringComparison.Ordinal);
        await _rig.StopAsync();
        _rig.Clock.Advance(TimeSpan.FromDays(2));
        Assert.True((await SendAsync("y@b.example")).IsDelivered);
    }

    [Theory]
    [InlineData("version: STSv1\nmode: enforce\nmx: a\nmax_age: 1", true)]
    [InlineData("version: STSv2\nmode: enforce\nmx: a\nmax_age: 1", false)]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 1", false)]
    [InlineData("version: STSv1\nmode: none\nmax_age: 1", true)]
    [InlineData("version: STSv1\nmode: perhaps\nmx: a\nmax_age: 1", false)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a\nmax_age: -1", false)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a", false)]
    [InlineData("", false)]
    public void MtaStsPolicy_IsReadStrictly(string text, bool isPolicy) => Assert.Equal(isPolicy, MtaStsPolicy.TryParse(text) is not null);

    [Theory]
    [InlineData(SmarthostTls.StartTls)]
    [InlineData(SmarthostTls.Implicit)]
    public async Task Smarthost_GetsEverything_AfterALogin(SmarthostTls tls)
    {
        using var certificate = Certificate("smart.test");
        _rig.Sink.Certificate = certificate;
        _rig.Sink.IsImplicitTls = tls == SmarthostTls.Implicit;
        _rig.Sink.Extensions = ["AUTH PLAIN LOGIN", "SMTPUTF8", "8BITMIME"];
        TrustOnly(certificate);
        await File.WriteAllTextAsync(Path.Combine(_rig.Folder, "password"), "hunter2\n");
        _rig.Options = _rig.Options with { Smarthost = new SmarthostOptions("smart.test", 2525, tls, "me", Path.Combine(_rig.Folder, "password")) };
        _rig.Zone.Add("smart.test", "A", "192.168.1.1");
        Assert.True((await SendAsync("x@b.example, y@nowhere.example, second@mx.test")).IsDelivered);
        Assert.All(_rig.Network.Dialled, to => Assert.Equal("192.168.1.1:2525", to.ToString()));
        Assert.Contains("AUTH PLAIN " + Convert.ToBase64String("\0me\0hunter2"u8), _rig.Sink.Commands);
        Assert.All(_rig.Sink.Messages, message => Assert.True(message.IsSecure));
    }

    [Fact]
    public async Task Smarthost_WithAnothersCertificate_GetsNoPassword()
    {
        using var certificate = Certificate("evil.test");
        _rig.Sink.Certificate = certificate;
        _rig.Sink.Extensions = ["AUTH PLAIN"];
        TrustOnly(certificate);
        await File.WriteAllTextAsync(Path.Combine(_rig.Folder, "password"), "hunter2");
        _rig.Options = _rig.Options with { Smarthost = new SmarthostOptions("smart.test", 587, SmarthostTls.StartTls, "me", Path.Combine(_rig.Folder, "password")) };
        _rig.Zone.Add("smart.test", "A", "203.0.113.5");
        var outcome = await SendAsync("x@b.example");
        Assert.Equal(RecipientState.Queued, outcome.Recipients[0].State);
        Assert.DoesNotContain(_rig.Sink.Commands, command => command.StartsWith("AUTH", StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoMessages_OneAfterTheOther_UseOneConnection()
    {
        await _rig.StartAsync();
        await WaitForAsync("x@b.example");
        await WaitForAsync("y@b.example");
        Assert.Single(_rig.Network.Dialled);
        _rig.Clock.Advance(TimeSpan.FromSeconds(20));
        await OutgoingRig.UntilAsync(() => _rig.Sink.Commands.Contains("QUIT"));
        await WaitForAsync("z@b.example");
        Assert.Equal(2, _rig.Network.Dialled.Count);
    }

    /// <summary>A server may close what rests; the message then goes over a new connection, and nobody waits for that.</summary>
    [Fact]
    public async Task RestingConnection_ThatWasClosed_IsReplaced()
    {
        await _rig.StartAsync();
        await WaitForAsync("x@b.example");
        var dropped = 0;
        _rig.Sink.Drops = command => command.StartsWith("MAIL", StringComparison.Ordinal) && Interlocked.Increment(ref dropped) == 1;
        Assert.True((await WaitForAsync("y@b.example")).IsDelivered);
        Assert.Equal(2, _rig.Network.Dialled.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("EHLO")]
    [InlineData("MAIL")]
    [InlineData(".")]
    public async Task SilentServer_IsLeftAfterItsTime(string at)
    {
        _rig.Sink.Extensions = [];
        _rig.Sink.IsSilent = command => at.Length == 0 ? command.Length == 0 : command.StartsWith(at, StringComparison.Ordinal);
        await _rig.StartAsync();
        var waiting = _rig.AcceptAsync("From: agent@mx.test\nTo: x@b.example\n\nx\n", OutgoingRig.Anybody with { Wait = true });
        await _rig.AdvanceUntilAsync(TimeSpan.FromMinutes(2), () => waiting.IsCompleted);
        var outcome = (await waiting).Outcome!;
        Assert.Equal(RecipientState.Queued, outcome.Recipients[0].State);
        Assert.Contains("did not answer in time", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionDroppedAmidTheMessage_IsTriedAgain()
    {
        _rig.Sink.DropsAmidMessage = 100;
        await _rig.StartAsync();
        await _rig.AcceptAsync($"From: agent@mx.test\nTo: x@b.example\n\n{string.Concat(Enumerable.Repeat(new string('y', 900) + "\n", 3000))}");
        await _rig.TriedAsync(1);
        _rig.Sink.DropsAmidMessage = null;
        _rig.AdvanceToNextAttempt();
        await _rig.EmptyAsync();
        Assert.Equal(3000 * 902, Assert.Single(_rig.Sink.Messages).Text.Split("\r\n\r\n", 2)[1].Length);
    }

    [Theory]
    [InlineData("999 hello")]
    [InlineData("250")]
    [InlineData("220 mx\r\n250 early")]
    public async Task ServerThatTalksNonsense_IsNotBelieved(string greeting)
    {
        _rig.Sink.Reply = command => command.Length == 0 ? greeting : null;
        Assert.Equal(RecipientState.Queued, (await SendAsync("x@b.example")).Recipients[0].State);
        Assert.Empty(_rig.Sink.Messages);
    }

    private static X509Certificate2 Certificate(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private void TrustOnly(X509Certificate2 certificate)
    {
        var file = Path.Combine(_rig.Folder, "roots.pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());
        _rig.Options = _rig.Options with { CertificateAuthorities = file };
    }

    private async Task<DeliveryOutcome> SendAsync(string recipients)
    {
        await _rig.StartAsync();
        return await WaitForAsync(recipients);
    }

    private async Task<DeliveryOutcome> WaitForAsync(string recipients) =>
        (await _rig.AcceptAsync($"From: agent@mx.test\nTo: {recipients}\n\nx\n", OutgoingRig.Anybody with { Wait = true })).Outcome!;
}
