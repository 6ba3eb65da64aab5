using System.Text;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;

namespace Belljar.Egress.Tests.Gate;

/// <summary>A value in every place of a request's head, in every way of writing it that the place can hold. Bodies are in <see cref="ScanningTests"/>.</summary>
public class DataCaseTests
{
    private const string Fake = "placeholder0123456789abc";

    private static readonly (string Name, Func<string, string> Write)[] Encodings =
    [
        ("as it is", value => value),
        ("upper hex", value => Convert.ToHexString(Encoding.ASCII.GetBytes(value))),
        ("lower hex", value => Convert.ToHexStringLower(Encoding.ASCII.GetBytes(value))),
        ("base64", value => Convert.ToBase64String(Encoding.ASCII.GetBytes(value)).TrimEnd('=')),
        ("base64, one further", value => Convert.ToBase64String(Encoding.ASCII.GetBytes("x" + value)).TrimEnd('=').Replace('+', '-').Replace('/', '_')),
        ("base64, two further", value => Convert.ToBase64String(Encoding.ASCII.GetBytes("xy" + value)).TrimEnd('=').Replace('+', '-').Replace('/', '_')),
        ("reversed", value => new string([.. value.Reverse()])),
    ];

    private static readonly (string Name, Func<string, string> Write)[] Percent =
    [
        ("percent", value => string.Concat(value.Select(c => $"%{(int)c:X2}"))),
        ("percent, one letter", value => $"%{(int)value[0]:x2}{value[1..]}"),
    ];

    private static readonly (string Name, string Request)[] Places =
    [
        ("path", "GET /a/{0}/b HTTP/1.1\r\nHost: api.example\r\n"),
        ("query", "GET /?a=1&b={0} HTTP/1.1\r\nHost: api.example\r\n"),
        ("query name", "GET /?{0}=1 HTTP/1.1\r\nHost: api.example\r\n"),
        ("header value", "GET / HTTP/1.1\r\nHost: api.example\r\nX-A: {0}\r\n"),
        ("header name", "GET / HTTP/1.1\r\nHost: api.example\r\n{0}: 1\r\n"),
        ("cookie", "GET / HTTP/1.1\r\nHost: api.example\r\nCookie: a=1; b={0}\r\n"),
        ("user agent", "GET / HTTP/1.1\r\nHost: api.example\r\nUser-Agent: x ({0})\r\n"),
        ("authorization", "GET / HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer {0}\r\n"),
    ];

    public static TheoryData<string, string, string> Cases()
    {
        var cases = new TheoryData<string, string, string>();
        foreach (var (place, request) in Places)
        {
            foreach (var (encoding, write) in place is "path" or "query" or "query name" ? [.. Encodings, .. Percent] : Encodings)
            {
                cases.Add(place, encoding, string.Format(System.Globalization.CultureInfo.InvariantCulture, request, write(Fake)));
            }
        }

        cases.Add("basic auth", "base64", $"GET / HTTP/1.1\r\nHost: api.example\r\nAuthorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"me:{Fake}"))}\r\n");
        cases.Add("basic auth", "base64, as the user", $"GET / HTTP/1.1\r\nHost: api.example\r\nAuthorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Fake}:"))}\r\n");
        cases.Add("query", "percent, twice", $"GET /?a={string.Concat(Fake.Select(c => $"%25{(int)c:X2}"))} HTTP/1.1\r\nHost: api.example\r\n");
        cases.Add("query", "split over parameters", $"GET /?a={Fake[..12]}&b={Fake[12..]} HTTP/1.1\r\nHost: api.example\r\n");
        cases.Add("method", "as it is", $"{Fake} / HTTP/1.1\r\nHost: api.example\r\n");
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task AValueInTheHead_IsDeniedAndTheHostIsNotAsked(string place, string encoding, string request)
    {
        var seen = new StringBuilder();
        await using var server = TestServer.SecureOk(seen: head => seen.Append(head));
        await using var gate = new TestGate(
            new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example")]),
            secrets: TestGate.Secrets with { Credentials = [new Credential("token_ref OTHER", "r3al-s3cret-value-1", Fake)] }).Leading(server);

        var response = await gate.SendSecurelyAsync($"{request}\r\n");

        Assert.True(response.Status == 403, $"{place}, {encoding}: {response.Status}");
        Assert.Contains("\"rule\":\"planted-value\"", response.Body);
        Assert.Equal("", seen.ToString());
    }

    [Theory]
    [InlineData("/allowed/../admin")]
    [InlineData("/allowed/%2e%2e/admin")]
    [InlineData("/allowed/..%2fadmin")]
    [InlineData("/allowed/%252e%252e/admin")]
    [InlineData("/allowed/..;/admin")]
    [InlineData("/allowed;/../admin")]
    [InlineData("//admin")]
    [InlineData("/./admin")]
    [InlineData("/ALLOWED/x")]
    [InlineData("/allowedx")]
    [InlineData("/allowed%2f..%2fadmin")]
    public async Task PathTricks_DoNotLeaveTheAllowList(string path)
    {
        var seen = new StringBuilder();
        await using var server = TestServer.SecureOk(seen: head => seen.Append(head));
        await using var gate = TestGate.For(server, EgressRoute.To("api.example") with { PathAllowlist = ["/allowed"] });

        var response = await gate.SendSecurelyAsync($"GET {path} HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.True(response.Status is 403 or 400, $"{path}: {response.Status} {seen}");
        Assert.Equal("", seen.ToString());
    }

    [Theory]
    [InlineData("xn--bcher-kva.example", 200)] // the name as it stands in a route
    [InlineData("b\u00fccher.example", 400)] // a name has one spelling
    [InlineData("xn--bcher-kva.example.evil.example", 403)]
    public async Task InternationalNames_HaveOneSpelling(string host, int status)
    {
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("xn--bcher-kva.example")]));
        await using var server = TestServer.SecureOk();
        gate.Resolver.Names["xn--bcher-kva.example"] = [System.Net.IPAddress.Parse(TestGate.PublicAddress)];
        gate.Dialler.Default = server.Address;
        using var client = await gate.ConnectAsync();

        await client.SendAsync($"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync());
    }
}
