using Belljar.Sandboxes.Processes;

namespace E2E.Tests;

public class ForwardTests
{
    private const string Query = "psql -X -At -h 127.0.0.1 -U nobody -d postgres -c";

    [Fact]
    public async Task Bottle_ADeclaredForward_ReachesTheDatabase_AndAnotherDoesNotExist()
    {
        Clients.Need("runc");
        await using var database = await Postgres.StartAsync();
        await using var home = new Home();
        await home.UpAsync();
        Write(home, database);

        var result = await home.RunAsync("bottle", "run", "dev", "--", "sh", "-c", $"{Query} 'select 6 * 7' -p 5432; {Query} 'select 1' -p 5433; curl -sS http://belljar.internal/routes");

        Assert.StartsWith("42\n", result.OutputText);
        Assert.Contains("port 5433 failed: Connection refused", result.ErrorText);
        Assert.Contains($"\"forwards\":[{{\"listen\":5432,\"to\":\"{database.Address}:5432\"}}]", result.OutputText);
        var told = (await Clients.UntilAsync(() => home.EventsAsync("gate.egress.decision"), events => events.Count == 1, "one decision")).Single().GetProperty("data");
        Assert.Equal(("FORWARD", "allow", "forward:5432"), (told.GetProperty("method").GetString(), told.GetProperty("decision").GetString(), told.GetProperty("rule").GetString()));
    }

    [Fact]
    public async Task EgressRun_AForward_ListensWhereTheProxyDoes_AndAReloadOpensAndClosesIt()
    {
        await using var database = await Postgres.StartAsync();
        await using var home = new Home();
        var bottle = Write(home, database);

        // An address of its own, like the database's; what is declared later gets its listener there too.
        var host = $"127.84.{database.Address.GetAddressBytes()[2]}.{database.Address.GetAddressBytes()[3]}";
        await using var gate = home.Start("egress", "run", "--bottle", bottle, "--listen", $"{host}:0", "--ca-out", home["ca.pem"]);
        using var output = new StreamReader(gate.Output!);
        await output.ReadLineAsync();
        Assert.Equal($"forward {host}:5432 to {database.Address}:5432, not inspected", await output.ReadLineAsync());
        Assert.Equal("ready", await output.ReadLineAsync());
        Task<RunResult> AskAsync(int port) => Clients.RunAsync("psql", "-X", "-At", "-h", host, "-U", "nobody", "-d", "postgres", "-c", "select 6 * 7", "-p", $"{port}");

        var first = await AskAsync(5432);
        Assert.True(first.OutputText == "42\n", first.ErrorText);
        await File.WriteAllTextAsync(bottle, (await File.ReadAllTextAsync(bottle)).Replace("listen: 5432", "listen: 5433", StringComparison.Ordinal));
        gate.Send(Signal.Hangup);

        await Clients.UntilAsync(() => AskAsync(5433), result => result.OutputText == "42\n", "the new door");
        await Clients.UntilAsync(() => AskAsync(5432), result => !result.Succeeded, "the old door is closed");
        gate.Send(Signal.Terminate);
        Assert.Equal(0, await gate.Exited.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static string Write(Home home, Postgres database)
    {
        Directory.CreateDirectory(home["bottles"]);
        File.WriteAllText(home["bottles/dev.md"], $"---\nforwards:\n  - {{listen: 5432, to: \"{database.Address}:5432\"}}\n---\n");
        return home["bottles/dev.md"];
    }
}
