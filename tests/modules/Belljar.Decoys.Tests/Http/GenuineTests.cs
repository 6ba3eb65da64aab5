using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Belljar.Decoys.Http;
using Belljar.Decoys.Http.Apache;
using Belljar.Decoys.Http.Nginx;

namespace Belljar.Decoys.Tests.Http;

/// <summary>
/// The same bytes that were sent to the genuine daemons of Debian 12 (Genuine/*.json holds what those answered, and whether
/// they kept the connection) get the same bytes from a decoy.
/// </summary>
public partial class GenuineTests
{
    private static readonly byte[] Page = Resource("page.html");

    private static readonly SitePage Site = new(Page, new DateTimeOffset(2025, 3, 4, 5, 6, 7, TimeSpan.Zero));

    private static readonly Dictionary<string, Probe> NginxProbes = Load("nginx");

    private static readonly Dictionary<string, Probe> ApacheProbes = Load("apache2");

    public static TheoryData<string> Nginx => [.. NginxProbes.Keys];

    public static TheoryData<string> Apache => [.. ApacheProbes.Keys];

    [Theory]
    [MemberData(nameof(Nginx))]
    public Task Nginx_AnswersAsTheGenuineOne(string probe) => CompareAsync(new NginxDialect(Site), NginxProbes[probe], port: 18080);

    [Theory]
    [MemberData(nameof(Apache))]
    public Task Apache_AnswersAsTheGenuineOne(string probe) =>
        CompareAsync(new ApacheDialect(new DecoyIdentity("web-1", "127.0.0.1", "seed"), Site), ApacheProbes[probe], port: 18081);

    private static async Task CompareAsync(IHttpDialect dialect, Probe probe, int port)
    {
        var outcome = await Conversation.HoldAsync(dialect, probe.Send, port);

        Assert.Equal(probe.Reply, Comparable(outcome.Reply));
        Assert.Equal(probe.IsOpen, outcome.IsOpen);
    }

    private static Dictionary<string, Probe> Load(string product)
    {
        using var document = JsonDocument.Parse(Resource(product + ".json"));
        return document.RootElement.EnumerateArray().Select(probe => new Probe(
            probe.GetProperty("name").GetString()!,
            Expand(probe.GetProperty("send").GetString()!),
            probe.GetProperty("reply").GetString()!
                .Replace("{{page}}", Encoding.ASCII.GetString(Page), StringComparison.Ordinal)
                .Replace("{{doctype}}", """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">""", StringComparison.Ordinal)
                .Replace("{{padding}}", string.Concat(Enumerable.Repeat("<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n", 6)), StringComparison.Ordinal),
            probe.GetProperty("open").GetBoolean())).ToDictionary(probe => probe.Name);
    }

    /// <summary><c>{{a*9000}}</c> repeats; a <c>#</c> counts.</summary>
    private static string Expand(string send) => Repetition().Replace(send, match => string.Concat(
        Enumerable.Range(0, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
            .Select(i => match.Groups[1].Value.Replace("#", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))));

    /// <summary>Without the hour, and without what a compressor may do one way or another.</summary>
    private static string Comparable(string reply)
    {
        reply = DateField().Replace(reply, "Date: D");
        var end = reply.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return reply.Contains("Content-Encoding: gzip", StringComparison.Ordinal)
            ? CompressedLength().Replace(reply[..(end + 4)], "N")
            : reply;
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(GenuineTests).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    [GeneratedRegex(@"\{\{([^*]*)\*(\d+)\}\}", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Repetition();

    [GeneratedRegex("Date: [^\r]*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DateField();

    [GeneratedRegex(@"(?<=gzip\r\nContent-Length: |gzip\r\nContent-Range: bytes 0-9/)\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CompressedLength();

    private sealed record Probe(string Name, string Send, string Reply, bool IsOpen);
}
