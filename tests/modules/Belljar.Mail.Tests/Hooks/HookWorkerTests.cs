using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Belljar.Contracts.Events;
using Belljar.Mail.Hooks;
using Belljar.Mail.Storage;
using Belljar.Mail.Tests.EndToEnd;
using Belljar.Mail.Victim;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Hooks;

public sealed class HookWorkerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Run_GetsTheMessageOnStdinAndNothingElseInItsEnvironment()
    {
        await using var host = await StartAsync(Run("show", "/bin/sh", "-c", "/usr/bin/env; /bin/cat; echo oops >&2; exit 3"));
        await DeliverAsync(host, "agent@mx.test", TestMail.Message("Ping\u202E now"));
        var fired = (await HooksAsync(host, 1))[0];
        Assert.Equal(("show", "failed", 3, "oops"), (fired.Hook, fired.Outcome, fired.Code, fired.Error));
        Assert.Contains("BELLJAR_EVENT=on_receive", fired.Output, StringComparison.Ordinal);
        Assert.Contains("BELLJAR_MAILBOX=agent", fired.Output, StringComparison.Ordinal);
        Assert.Contains($"BELLJAR_FILEPATH={_home["state/mail/inbox/agent"]}/{fired.Id}.md", fired.Output, StringComparison.Ordinal);
        Assert.Contains("BELLJAR_TRUSTED=none", fired.Output, StringComparison.Ordinal);
        Assert.Contains("Hi there.", fired.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("HOME=", fired.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("DOTNET", fired.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", fired.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_HooksDoNotDelayThe250()
    {
        await using var host = await StartAsync(Run("slow", "/bin/sleep", "100000"));
        for (var i = 0; i < 20; i++)
        {
            await DeliverAsync(host, "agent@mx.test", TestMail.Message($"number {i}"));
        }

        // All were answered while not one hook had ended: four of them hold every place, the rest wait.
        Assert.Equal(20, host.Events.Of(EventKinds.MailReceived).Count);
        Assert.Empty(host.Events.Of(EventKinds.MailHook));
    }

    [Fact]
    public async Task Untrusted_FiresOnlyWhereItIsAskedFor()
    {
        var careful = new HookOptions("careful", new HookAction.Run(["/bin/true"]));
        await using var host = await StartAsync(careful, Run("eager", "/bin/true"));
        await DeliverAsync(host, "agent@mx.test", TestMail.Message());
        await DeliverAsync(host, "agent@mx.test", TestMail.Message());
        Assert.All(await HooksAsync(host, 2), fired => Assert.Equal(("eager", "ok"), (fired.Hook, fired.Outcome)));
    }

    [Fact]
    public async Task Program_ThatIsNotThere_IsReported()
    {
        await using var host = await StartAsync(Run("lost", "/no/such/program"));
        await DeliverAsync(host, "agent@mx.test", TestMail.Message());
        Assert.Equal("not_started", (await HooksAsync(host, 1))[0].Outcome);
    }

    [Theory]
    [InlineData("", 143)]
    [InlineData("trap '' TERM; ", 137)]
    public async Task Timeout_Terminates_AndThenKills(string prepare, int code)
    {
        var clock = new ManualClock();
        var ready = _home["ready"];
        File.WriteAllText(_home["m.md"], "x");
        var hook = Run("stuck", "/bin/sh", "-c", $"{prepare}: > '{ready}'; exec /bin/sleep 100000") with { Timeout = TimeSpan.FromSeconds(60) };
        var running = new HookProgram(clock).RunAsync(Call(hook), ((HookAction.Run)hook.Action).Command, owner: null, _home["m.md"], CancellationToken.None);
        await UntilAsync(() => File.Exists(ready));
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(running.IsCompleted);
        await UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return running.IsCompleted;
        });
        var result = await running;
        Assert.Equal("timeout", result.Outcome);
        Assert.Contains(result.Code!.Value, new[] { code, 137 });
    }

    [Fact]
    public async Task Output_IsKeptAtItsEnd()
    {
        File.WriteAllText(_home["m.md"], "x");
        var hook = Run("loud", "/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo the end");
        var result = await new HookProgram(TimeProvider.System).RunAsync(Call(hook), ((HookAction.Run)hook.Action).Command, owner: null, _home["m.md"], CancellationToken.None);
        Assert.Equal("ok", result.Outcome);
        Assert.EndsWith("line 19999 the end", result.Output, StringComparison.Ordinal);
        Assert.True(result.Output.Length <= OutputTail.Length);
    }

    [Fact]
    public async Task Program_RunsWithinLimitsAndAsTheOwner()
    {
        File.WriteAllText(_home["m.md"], "x");
        var hook = Run("limits", "/bin/sh", "-c", "ulimit -c; ulimit -n; ulimit -t; /usr/bin/id -u; /usr/bin/id -G; /bin/cat");
        var command = ((HookAction.Run)hook.Action).Command;
        var own = await new HookProgram(TimeProvider.System).RunAsync(Call(hook), command, owner: null, _home["m.md"], CancellationToken.None);
        Assert.StartsWith("0 1024 65 ", own.Output, StringComparison.Ordinal);

        var other = await new HookProgram(TimeProvider.System).RunAsync(Call(hook), command, "nobody", _home["m.md"], CancellationToken.None);
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Equal(("ok", "0 1024 65 65534 65534 x"), (other.Outcome, other.Output));
        }
        else
        {
            Assert.Equal(("not_started", "it would have to run as nobody, and this worker may not become another user"), (other.Outcome, other.Error));
        }

        var nobody = await new HookProgram(TimeProvider.System).RunAsync(Call(hook), command, "no such user", _home["m.md"], CancellationToken.None);
        Assert.Equal(("not_started", "there is no user no such user on this machine"), (nobody.Outcome, nobody.Error));
    }

    [Fact]
    public async Task AfterSend_DoesNotFireForWhatComes_AndIsToldTheOutcome()
    {
        var sent = Run("sent", "/usr/bin/env") with { Event = HookEvent.AfterSend };
        await using var host = await StartAsync(sent, Run("came", "/bin/true"));
        await DeliverAsync(host, "agent@mx.test", TestMail.Message());
        Assert.Equal("came", (await HooksAsync(host, 1))[0].Hook);

        var call = Call(sent) with { SendStatus = "delivered" };
        Assert.Equal(("after_send", "delivered"), (call.Environment("/x")["BELLJAR_EVENT"], call.Environment("/x")["BELLJAR_SEND_STATUS"]));
    }

    [Fact]
    public async Task Post_IsSignedJson()
    {
        using var server = new HttpListener();
        var port = FreePort();
        server.Prefixes.Add($"http://127.0.0.1:{port}/");
        server.Start();
        File.WriteAllText(_home["secret"], "not so secret\n");
        var hook = new HookOptions("web", new HookAction.Post(new Uri($"http://127.0.0.1:{port}/hook"), _home["secret"])) { FireOnUntrusted = true };
        await using var host = await StartAsync(hook);
        await DeliverAsync(host, "agent@mx.test", TestMail.Message("Ping"));

        var request = await server.GetContextAsync().WaitAsync(Patience);
        using var body = new MemoryStream();
        await request.Request.InputStream.CopyToAsync(body);
        var signature = request.Request.Headers["Belljar-Signature"]!.Split(',');
        var signed = Encoding.ASCII.GetBytes(signature[0]["t=".Length..] + ".").Concat(body.ToArray()).ToArray();
        Assert.Equal("v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("not so secret"), signed)), signature[1]);
        var json = JsonDocument.Parse(body.ToArray()).RootElement;
        Assert.Equal(("on_receive", "agent", "Ping"), (json.GetProperty("event").GetString(), json.GetProperty("mailbox").GetString(), json.GetProperty("subject").GetString()));
        Assert.Contains("Hi there.", json.GetProperty("markdown").GetString(), StringComparison.Ordinal);
        request.Response.StatusCode = 204;
        request.Response.Close();
        var fired = (await HooksAsync(host, 1))[0];
        Assert.Equal(("ok", 204), (fired.Outcome, fired.Code));
    }

    private static HookOptions Run(string name, params string[] command) => new(name, new HookAction.Run(command)) { FireOnUntrusted = true };

    private static HookCall Call(HookOptions hook) =>
        new(hook, new StoredDelivery(new DeliveredMessage("agent", "x", new MessageContent(), "none"), "", DateTimeOffset.UnixEpoch));

    private Task<MailHost> StartAsync(params HookOptions[] hooks) =>
        MailHost.StartAsync(_home.Path, TestMail.Options with { Mailboxes = [TestMail.Agent with { Hooks = hooks }] });

    private static async Task DeliverAsync(MailHost host, string to, string message)
    {
        using var client = await LineClient.ConnectAsync(host.Address);
        Assert.True(await client.DeliverAsync(to, message));
    }

    private static async Task<IReadOnlyList<MailHook>> HooksAsync(MailHost host, int count)
    {
        await host.Events.WaitAsync(EventKinds.MailHook, count);
        return [.. host.Events.Of(EventKinds.MailHook).Select(e => EventKinds.MailHook.Read(e)!)];
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "it does not happen");
            await Task.Yield();
        }
    }

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
