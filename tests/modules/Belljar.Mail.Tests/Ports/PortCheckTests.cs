using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Hosting.Doctor;
using Belljar.Mail.Ports;
using Belljar.Mail.Victim;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Ports;

public sealed class PortCheckTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Port_OfOurServer_IsWellAndNamesItsCertificate()
    {
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        var finding = await CheckAsync(host.Address.Port);
        Assert.Equal(CheckState.Warn, finding.State);
        Assert.StartsWith("220 mx.test", finding.What, StringComparison.Ordinal);
        Assert.Contains("STARTTLS, certificate for mx.test until ", finding.What, StringComparison.Ordinal);
        Assert.Contains("self-signed", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_WhereNobodyListensThoughConfigured_IsBad()
    {
        var port = FreePort();
        var options = TestMail.Options with { Smtp = TestMail.Options.Smtp with { Listen = [new IPEndPoint(IPAddress.Loopback, port)] } };
        var finding = Assert.Single(await new PortCheck(options, TimeProvider.System).RunAsync([new MailPort(port, "x", false)], [], CancellationToken.None));
        Assert.Equal((CheckState.Bad, "nobody listens"), (finding.State, finding.What));
    }

    [Fact]
    public async Task Port_ThatNobodyAskedFor_MayBeClosed() => Assert.Equal(CheckState.Ok, (await CheckAsync(FreePort())).State);

    [Theory]
    [InlineData("SSH-2.0-x\r\n", "does not speak SMTP")]
    [InlineData("", "it closed the connection")]
    [InlineData("220-x\r\n220-x\r\n", "it closed the connection")]
    public async Task Port_OfAnotherProgram_IsBad(string says, string what)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(says));
        });
        var finding = await CheckAsync(((IPEndPoint)listener.LocalEndpoint).Port);
        await serving;
        Assert.Equal(CheckState.Bad, finding.State);
        Assert.Contains(what, finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_ThatAnswersNothing_IsGivenUp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var clock = new ManualClock();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var checking = new PortCheck(TestMail.Options, clock).RunAsync([new MailPort(port, "x", false)], [], CancellationToken.None);
        using var client = await listener.AcceptTcpClientAsync();
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.StartsWith("no answer", Assert.Single(await checking).What, StringComparison.Ordinal);
    }

    private static async Task<PortFinding> CheckAsync(int port) =>
        Assert.Single(await new PortCheck(TestMail.Options, TimeProvider.System).RunAsync([new MailPort(port, "x", false)], [], CancellationToken.None));

    /// <summary>Nobody else gets it meanwhile: the system hands out others first.</summary>
    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
