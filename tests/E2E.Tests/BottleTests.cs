using System.Text.Json;
using Belljar.Sandboxes.Processes;

namespace E2E.Tests;

public class BottleTests
{
    [Fact]
    public async Task Request_ToAnAllowedHost_Succeeds()
    {
        await using var home = await StartAsync();
        await using var web = new Web("the answer");
        Allow(home, web.Port);

        var result = await home.RunAsync("bottle", "run", "dev", "--", "curl", "-sS", "--noproxy", "", $"http://shop.localhost:{web.Port}/a?b=c");

        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Equal("the answer", result.OutputText);
        var decision = (await home.EventsAsync("gate.egress.decision")).Single().GetProperty("data");
        Assert.Equal(("allow", "shop.localhost", "/a"), (Text(decision, "decision"), Text(decision, "host"), Text(decision, "path")));
    }

    [Fact]
    public async Task Request_ToAnyOtherHost_Gets403WithTheReason()
    {
        await using var home = await StartAsync();
        await using var web = new Web("must not be seen");
        Allow(home, web.Port);

        var result = await home.RunAsync(
            "bottle", "run", "dev", "--", "curl", "-sS", "--noproxy", "", "-w", "\n%{http_code}", $"http://other.localhost:{web.Port}/");

        Assert.EndsWith("\n403", result.OutputText);
        var answer = JsonDocument.Parse(result.OutputText[..^4]).RootElement;
        Assert.Equal("other.localhost", Text(answer, "host"));
        Assert.Equal(0, web.Visits);
        Assert.Equal("deny", Text((await home.EventsAsync("gate.egress.decision")).Single().GetProperty("data"), "decision"));
    }

    [Fact]
    public async Task Tunnel_ToAnyOtherHost_IsRefused()
    {
        await using var home = await StartAsync();

        var result = await home.RunAsync("bottle", "run", "dev", "--", "curl", "-sS", "https://evil.example/");

        Assert.False(result.Succeeded);
        Assert.Contains("403", result.ErrorText);
    }

    [Fact]
    public async Task Inside_ThereIsLoopbackAndNoWayOut()
    {
        Clients.Need("ip");
        await using var home = await StartAsync();

        var result = await home.RunAsync(
            "bottle", "run", "dev", "--", "sh", "-c", "ip -o addr; ip route; cat /etc/resolv.conf; curl -sS -m 3 --noproxy '*' http://1.1.1.1");

        Assert.NotEqual(0, result.ExitCode);
        var interfaces = result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Contains("inet")).ToList();
        Assert.All(interfaces, line => Assert.Contains(" lo ", line));
        Assert.DoesNotContain("default", result.OutputText);
        Assert.DoesNotContain("nameserver", result.OutputText);
        Assert.Contains("1.1.1.1", result.ErrorText);
    }

    [Fact]
    public async Task ExitCode_IsTheCommands()
    {
        await using var home = await StartAsync();

        Assert.Equal(7, (await home.RunAsync("bottle", "run", "dev", "--", "sh", "-c", "exit 7")).ExitCode);
        Assert.Equal(127, (await home.RunAsync("bottle", "run", "dev", "--", "no-such-program")).ExitCode);
    }

    [Fact]
    public async Task Run_WithoutUp_WorksAndItsEventsArriveLater()
    {
        await using var home = await StartAsync();
        Assert.Equal(0, await home.StopAsync());

        Assert.True((await home.RunAsync("bottle", "run", "dev", "--", "true")).Succeeded);
        await home.UpAsync();

        await Clients.UntilAsync(() => home.EventsAsync("bottle.ended"), events => events.Count == 1, "the spooled event");
    }

    [Fact]
    public async Task UnknownBottle_IsAnsweredWithTheKnownOnes()
    {
        await using var home = await StartAsync();

        var result = await home.RunAsync("bottle", "run", "def", "--", "true");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Did you mean 'dev'? Known: dev.", result.ErrorText);
    }

    [Fact]
    public async Task Gate_HasNoCapabilitiesItsOwnUserAndNoNamespaceOfTheSandbox()
    {
        await using var home = await StartAsync();
        await using var session = home.Start("bottle", "run", "dev", "--", "sleep", "60");
        var gate = await GateOfAsync(home);

        var status = await File.ReadAllLinesAsync($"/proc/{gate}/status");
        foreach (var set in new[] { "CapInh", "CapPrm", "CapEff", "CapAmb" })
        {
            Assert.Equal($"{set}:\t0000000000000000", status.Single(line => line.StartsWith(set + ":", StringComparison.Ordinal)));
        }

        var uids = status.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1..];
        if (Environment.UserName == "root")
        {
            Assert.All(uids, uid => Assert.InRange(int.Parse(uid), 62000, 63999));
            Assert.Equal("CapBnd:\t0000000000000000", status.Single(line => line.StartsWith("CapBnd:", StringComparison.Ordinal)));
        }

        var inside = await SleeperAsync("60");
        foreach (var space in new[] { "net", "pid", "user", "ipc", "uts", "mnt", "cgroup" })
        {
            Assert.NotEqual(NamespaceOf(inside, space), NamespaceOf(gate, space));
        }

        session.Send(Signal.Terminate);
        await session.Exited;
    }

    [Fact]
    public async Task KilledGate_MakesThePortDeadAndComesBack()
    {
        await using var home = await StartAsync();
        await using var web = new Web("the answer");
        Allow(home, web.Port);
        await using var session = home.Start(
            "bottle", "run", "dev", "--", "sh", "-c", $"read x; curl -sS -m 20 --noproxy '' http://shop.localhost:{web.Port}/");
        var first = await GateOfAsync(home);

        Assert.True((await Clients.RunAsync("kill", "-9", $"{first}")).Succeeded);
        var states = await Clients.UntilAsync(() => home.EventsAsync("gate.egress.state"), events => events.Count >= 3, "ready, lost, ready");
        await session.Input!.WriteAsync("go\n"u8.ToArray());
        using var output = new StreamReader(session.Output!);

        Assert.Equal("the answer", await output.ReadToEndAsync());
        Assert.Equal(["ready", "lost", "ready"], states.Select(e => Text(e.GetProperty("data"), "state")).Take(3));
        Assert.NotEqual(first, await TryGateOfAsync(home));
        Assert.Equal(0, await session.Exited);
    }

    private static async Task<Home> StartAsync()
    {
        Clients.Need("runc");
        Clients.Need("curl");
        var home = new Home();
        await home.UpAsync();
        return home;
    }

    private static void Allow(Home home, int port) => File.WriteAllText(home["bottles/dev.md"], $"""
        ---
        egress:
          routes:
            - host: shop.localhost
              ports: [{port}]
        ---
        """);

    /// <summary>The gate of the one session, once that has begun.</summary>
    private static async Task<int> GateOfAsync(Home home)
    {
        await Clients.UntilAsync(() => home.EventsAsync("bottle.started"), events => events.Count > 0, "the session's start");
        return await Clients.UntilAsync(async () => await TryGateOfAsync(home) ?? 0, pid => pid > 0, "a gate");
    }

    /// <summary>The gate's own process, by its command line and by the session's slug in its parent's.</summary>
    private static async Task<int?> TryGateOfAsync(Home home)
    {
        var active = (await home.JsonAsync("bottle", "list", "--active", "--json")).EnumerateArray().ToList();
        if (active.Count == 0)
        {
            return null;
        }

        var supervisor = Processes().FirstOrDefault(process => process.Command.Contains(Text(active[0], "slug")!));
        return Processes()
            .Where(process => process.Command is [.., "gate"] && process.Command[0].EndsWith("dotnet", StringComparison.Ordinal) && IsBelow(process.Pid, supervisor.Pid))
            .Select(process => (int?)process.Pid)
            .FirstOrDefault();
    }

    private static Task<int> SleeperAsync(string seconds) => Clients.UntilAsync(
        () => Task.FromResult(Processes().FirstOrDefault(process => process.Command is ["sleep", var given] && given == seconds).Pid), pid => pid > 0, "the command inside");

    private static IEnumerable<(int Pid, string[] Command)> Processes()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && CommandOf(pid) is { Length: > 0 } command)
            {
                yield return (pid, command);
            }
        }
    }

    private static string[] CommandOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static bool IsBelow(int pid, int ancestor)
    {
        while (pid > 1)
        {
            if (pid == ancestor)
            {
                return true;
            }

            try
            {
                var stat = File.ReadAllText($"/proc/{pid}/stat");
                pid = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
            }
            catch (IOException)
            {
                return false;
            }
        }

        return false;
    }

    private static string NamespaceOf(int pid, string name) => new FileInfo($"/proc/{pid}/ns/{name}").LinkTarget ?? "";

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
