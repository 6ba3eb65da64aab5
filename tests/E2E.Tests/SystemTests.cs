using System.Text.Json;
using Belljar.Sandboxes.Processes;

namespace E2E.Tests;

public class SystemTests
{
    [Fact]
    public async Task Up_InAFreeHome_SaysWhereEverythingListens()
    {
        await using var home = new Home();

        await home.UpAsync();

        var workers = (await home.JsonAsync("status", "--json")).GetProperty("workers").EnumerateArray().ToList();
        Assert.All(workers, worker => Assert.Equal("ready", worker.GetProperty("state").GetString()));
        var protocols = workers.SelectMany(worker => worker.GetProperty("listeners").EnumerateArray()).Select(listener => listener.GetProperty("protocol").GetString());
        Assert.Superset(new HashSet<string?> { "smtp", "console", "decoy:http", "bus", "ingest", "control" }, protocols.ToHashSet());
        Assert.Contains("?token=", home.UpOutput.ToString());
        Assert.Equal(0, await home.StopAsync());
    }

    [Fact]
    public async Task Up_WhileItRuns_IsRefused()
    {
        await using var home = new Home();
        await home.UpAsync();

        var second = await home.RunAsync("up");

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("already runs", second.ErrorText);
    }

    [Fact]
    public async Task Status_WithNothingRunning_SaysHowToStartIt()
    {
        await using var home = new Home();

        var status = await home.RunAsync("status");

        Assert.Equal(3, status.ExitCode);
        Assert.Contains("belljar up", status.ErrorText);
    }

    [Fact]
    public async Task Configuration_WithFiveMistakes_GetsAllFiveWithLineAndKey()
    {
        await using var home = new Home();
        await File.WriteAllTextAsync(home["belljar.yaml"], """
            mail:
              smtp:
                listen: [127.0.0.1:99999]
              domainz: [a.example]
              mailboxes: 7
            web:
              listen: nowhere
            wep: {}
            """);

        var result = await home.RunAsync("up");

        Assert.Equal(1, result.ExitCode);
        var lines = result.ErrorText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (line, key) in new[] { (3, "mail.smtp.listen"), (4, "domainz"), (5, "mail.mailboxes"), (7, "web.listen"), (8, "wep") })
        {
            Assert.Contains(lines, text => text.Contains($"belljar.yaml:{line}:") && text.Contains(key) && text.Contains("allowed:"));
        }
    }

    [Fact]
    public async Task Decoy_VisitedWithCurl_StandsInTheEvents()
    {
        Clients.Need("curl");
        await using var home = new Home();
        await home.UpAsync();
        var decoy = await home.AddressAsync("decoy:http");

        var visit = await Clients.RunAsync("curl", "-sS", "-A", "a-scanner/1.0", $"http://{decoy}/admin");

        Assert.True(visit.Succeeded, visit.ErrorText);
        Assert.DoesNotContain("elljar", visit.OutputText);
        var request = Assert.Single(await home.EventsAsync("decoy.request"));
        Assert.Equal("intranet", request.GetProperty("decoy").GetString());
        Assert.Equal("/admin", request.GetProperty("data").GetProperty("target").GetString());
        Assert.Contains("a-scanner/1.0", request.GetProperty("data").GetRawText());
        Assert.Single(await home.EventsAsync("decoy.connection"));
    }

    [Fact]
    public async Task Killed_DuringAStreamOfMail_LosesNothingThatWasAcknowledged()
    {
        Clients.Need("python3");
        await using var home = new Home();
        await home.UpAsync();
        var acknowledged = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            var smtp = (await home.AddressAsync("smtp")).Split(':');
            await using var stream = ChildProcess.Start(new ChildSpec("python3", "-u", "-c", Sender, smtp[0], smtp[1], $"{round}")
            {
                Output = ChildStream.Pipe,
                Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default },
            });
            using var reader = new StreamReader(stream.Output!);
            for (var i = 0; i < 20 + (round * 15); i++)
            {
                acknowledged.Add((await reader.ReadLineAsync())!);
            }

            await home.KillAsync();
            while (await reader.ReadLineAsync() is { } late)
            {
                acknowledged.Add(late);
            }

            await home.UpAsync();
        }

        var subjects = (await home.JsonAsync("mail", "list", "agent", "--json", "--limit", "10000")).EnumerateArray()
            .Select(message => message.GetProperty("subject").GetString()).ToList();
        Assert.NotEmpty(acknowledged);
        Assert.Empty(acknowledged.Except(subjects));
        Assert.Equal(subjects.Count, subjects.Distinct().Count());
        var verified = await home.RunAsync("audit", "verify");
        Assert.True(verified.Succeeded, verified.OutputText + verified.ErrorText);
    }

    [Fact]
    public async Task Workers_AreRestartedOnRequest_AndTheRequestIsAudited()
    {
        await using var home = new Home();
        await home.UpAsync();

        var restarted = await home.JsonAsync("workers", "restart", "mail", "--json");
        var unknown = await home.RunAsync("workers", "restart", "male");

        Assert.Equal("ready", restarted.GetProperty("state").GetString());
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("Did you mean 'mail'?", unknown.ErrorText);
        var action = Assert.Single(await home.EventsAsync("system.operator_action"));
        Assert.Equal("worker.restart", action.GetProperty("data").GetProperty("action").GetString());
    }

    [Fact]
    public async Task Demo_DoesEveryStep()
    {
        Clients.Need("runc");
        await using var home = new Home();

        var demo = await home.RunAsync("demo");

        Assert.True(demo.Succeeded, demo.OutputText + demo.ErrorText);
    }

    /// <summary>Prints a subject once its message is acknowledged.</summary>
    private const string Sender = """
        import smtplib, sys
        host, port, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
        i = 0
        with smtplib.SMTP(host, port) as s:
            while True:
                subject = f"{name}-{i}"
                s.sendmail("a@example.net", ["agent@agent.localhost"], f"From: a@example.net\r\nSubject: {subject}\r\nMessage-ID: <{subject}@example.net>\r\n\r\nbody {subject}\r\n")
                print(subject)
                i += 1
        """;
}
