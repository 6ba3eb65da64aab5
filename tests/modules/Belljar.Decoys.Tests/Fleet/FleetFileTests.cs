using System.Net;
using System.Text;
using Belljar.Decoys.Fleet;
using Belljar.Manifest;

namespace Belljar.Decoys.Tests.Fleet;

public class FleetFileTests
{
    private static (IReadOnlyList<DecoySpec>? Fleet, string Errors) Read(string yaml)
    {
        var errors = new SettingsErrors();
        var root = Yaml.Read("decoys.yaml", Encoding.UTF8.GetBytes(yaml), errors)!;
        return (FleetFile.Read(root, errors), errors.ToString());
    }

    [Fact]
    public void Services_AsWordsOrAsSections()
    {
        var (fleet, errors) = Read("""
            decoys:
              - name: web-1
                address: 127.77.0.1
                services: [http]
              - name: web-2
                hostname: www.corp.example
                driver: loopback
                addresses: [127.77.0.2, 127.77.0.3]
                services:
                  - id: http
                    port: 8080
                    skin: apache2
                    title: Reading room
            """);

        Assert.Equal("", errors);
        Assert.Equal(80, fleet![0].Services[0].Port);
        Assert.Equal(8080, fleet[1].Services[0].Port);
        Assert.Equal([IPAddress.Parse("127.77.0.2"), IPAddress.Parse("127.77.0.3")], fleet[1].Addresses);
        Assert.Equal("apache2", fleet[1].Services[0].Create(fleet[1].Identity, TimeProvider.System).Product);
    }

    [Fact]
    public void Mistakes_AreReportedAllAtOnce_WithTheirPlaces()
    {
        var (fleet, errors) = Read("""
            decoys:
              - name: Web_1
                address: 127.0.0.1
                services: [htp]
              - name: web-2
                address: 127.77.0.2
                services: [{id: http, port: 99999, skn: nginx}]
              - name: web-2
                address: 127.77.0.2
                services: []
                colour: red
            """);

        Assert.Null(fleet);
        Assert.Contains("decoys.yaml:2:", errors, StringComparison.Ordinal);
        Assert.Contains("decoys[0].address", errors, StringComparison.Ordinal);
        Assert.Contains("127.77.0.0/16", errors, StringComparison.Ordinal);
        Assert.Contains("decoys[0].services[0].id", errors, StringComparison.Ordinal);
        Assert.Contains("decoys[1].services[0].port", errors, StringComparison.Ordinal);
        Assert.Contains("did you mean 'skin'?", errors, StringComparison.Ordinal);
        Assert.Contains("a name that no other decoy has", errors, StringComparison.Ordinal);
        Assert.Contains("decoys[2].services", errors, StringComparison.Ordinal);
        Assert.Contains("'colour'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoDecoys_OnOneAddressAndPort_AreAMistake()
    {
        var (_, errors) = Read("decoys: [{name: a, address: 127.77.0.1, services: [http]}, {name: b, address: 127.77.0.1, services: [http]}]");

        Assert.Contains("127.77.0.1:80 is still free", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void NoFile_IsAFleetWithoutDecoys() => Assert.Equal([], FleetFile.Load("/nonexistent/decoys.yaml", new SettingsErrors())!);

    [Fact]
    public void EveryService_IsListedOnceAndReadable()
    {
        Assert.Equal(["http", "https", "ftp", "telnet", "smtp", "mysql", "postgres", "redis", "vnc"], BuiltInDecoyServices.All.Names);
        Assert.All(BuiltInDecoyServices.All, service => Assert.NotEmpty(service.Ports));
    }
}
