using System.Text.Json;
using Belljar.Egress.Policy;

namespace Belljar.Egress.Tests;

public class GateConfigurationTests
{
    [Fact]
    public void Json_ThereAndBack_IsTheSame()
    {
        var route = new EgressRoute("a.example", [443], [], [], ["10.0.0.0/8"]) { Tls = RouteTls.Passthrough };
        var configuration = new GateConfiguration("dev-abcde", "dev", new EgressOptions(EgressMode.Audit, [route]), TestGate.Secrets, "/run/ingest.sock", "/spool");

        var json = JsonSerializer.Serialize(configuration, EgressJson.Default.GateConfiguration);
        var back = JsonSerializer.Deserialize(json, EgressJson.Default.GateConfiguration)!;

        Assert.Contains("\"mode\":\"audit\"", json);
        Assert.Contains("\"ssrf_ip_allowlist\":[\"10.0.0.0/8\"]", json);
        Assert.Equal(json, JsonSerializer.Serialize(back, EgressJson.Default.GateConfiguration));
        Assert.Equal(("a.example", RouteTls.Passthrough), (back.Egress.Routes[0].Host, back.Egress.Routes[0].Tls));
        Assert.DoesNotContain("KEY", configuration.ToString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"session\":\"a\",\"bottle\":\"b\",\"ingest_socket\":\"c\",\"spool_folder\":\"d\"}")]
    [InlineData("{\"session\":null,\"bottle\":\"b\",\"egress\":{\"mode\":\"audit\",\"routes\":[]},\"ingest_socket\":\"c\",\"spool_folder\":\"d\"}")]
    public void Json_WithoutWhatIsNeeded_IsRefused(string json)
        => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, EgressJson.Default.GateConfiguration));
}
