using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Bench;

/// <summary>SPF, DKIM (RSA 2048) and DMARC of one message when the resolver has everything: what is left is our own work.</summary>
internal sealed class MailAuthBenchmark : IBenchmark
{
    private static readonly TimeSpan OneRun = TimeSpan.FromSeconds(2);

    public string Name => "mailauth";

    public string Summary => "SPF + DKIM + DMARC of one message with a warm resolver: CPU and allocated bytes (target: under 1 ms)";

    public async Task RunAsync(CancellationToken ct)
    {
        using var rsa = RSA.Create(2048);
        var zone = new Zone();
        zone.Add("s._domainkey.a.example", $"v=DKIM1; k=rsa; p={Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())}");
        zone.Add("_dmarc.a.example", "v=DMARC1; p=reject");
        zone.Add("a.example", "v=spf1 ip4:198.51.100.0/24 include:spf.b.example -all");
        zone.Add("spf.b.example", "v=spf1 ip6:2001:db8::/32 ip4:192.0.2.0/24 ~all");
        var authenticator = new MailAuthenticator(zone, new AuthenticationPolicy { PublicSuffixes = PublicSuffixList.Load() }, TimeProvider.System);
        var facts = new SmtpEnvelopeFacts(IPAddress.Parse("192.0.2.1"), "mx.a.example", "ann@a.example");
        foreach (var size in new[] { 4 * 1024, 100 * 1024, 25 * 1024 * 1024 })
        {
            await MeasureAsync(authenticator, Signed(rsa, size), facts, ct);
        }
    }

    private static async Task MeasureAsync(MailAuthenticator authenticator, byte[] message, SmtpEnvelopeFacts facts, CancellationToken ct)
    {
        var results = await authenticator.VerifyAsync(message, facts, ct);
        if (!results.IsAligned || results.Dkim[0].Verdict != Belljar.Mail.Authentication.Dkim.DkimVerdict.Pass)
        {
            throw new InvalidOperationException($"the benchmark's own message does not pass: {results}");
        }

        for (var warm = Stopwatch.StartNew(); warm.Elapsed < OneRun / 4;)
        {
            await authenticator.VerifyAsync(message, facts, ct);
        }

        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        var count = 0L;
        for (; clock.Elapsed < OneRun && !ct.IsCancellationRequested; count++)
        {
            await authenticator.VerifyAsync(message, facts, ct);
        }

        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Console.WriteLine($"  {message.Length / 1024,6} kB {clock.Elapsed.TotalMicroseconds / count,10:0} µs {cpu.TotalMicroseconds / count,10:0} µs CPU {allocated / count,10:N0} B allocated");
    }

    /// <summary>Written in the form that relaxed canonicalisation leaves as it is, so that no second canonicaliser is needed.</summary>
    private static byte[] Signed(RSA rsa, int size)
    {
        var body = new StringBuilder();
        while (body.Length < size)
        {
            body.Append("A line of a letter with some words in it, none of which means anything.\r\n");
        }

        string[] fields = ["from:Ann <ann@a.example>", "to:bob@b.example", "subject:Hello there", "date:Sat, 14 Mar 2026 09:26:53 +0000"];
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(body.ToString())));
        var field = $"dkim-signature:v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=s; h=from:to:subject:date:from; bh={hash}; b=";
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(string.Join("\r\n", [.. fields, field])), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var trace = string.Concat(Enumerable.Range(0, 20).Select(i => $"X-Field-{i}: value number {i} of a field that some relay has added on its way\r\n"));
        return Encoding.ASCII.GetBytes($"{field}{Convert.ToBase64String(signature)}\r\n{trace}{string.Join("\r\n", fields)}\r\n\r\n{body}");
    }

    private sealed class Zone : IDnsResolver
    {
        private readonly Dictionary<DnsName, DnsAnswer> _texts = [];

        public void Add(string name, string text)
        {
            var owner = DnsName.Parse(name);
            _texts[owner] = DnsAnswer.Of([new DnsRecord(owner, DnsType.Txt, 300, new TxtData([.. Encoding.ASCII.GetBytes(text).Chunk(255)]))]);
        }

        public ValueTask<DnsAnswer> QueryAsync(DnsName name, DnsType type, CancellationToken ct) =>
            ValueTask.FromResult(type == DnsType.Txt && _texts.TryGetValue(name, out var answer) ? answer : DnsAnswer.NxDomain());
    }
}
