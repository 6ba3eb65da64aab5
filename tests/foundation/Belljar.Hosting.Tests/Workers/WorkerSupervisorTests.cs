using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting.Workers;

namespace Belljar.Hosting.Tests.Workers;

public class WorkerSupervisorTests
{
    [Fact]
    public async Task StartAll_WithBoundListeners_IsReady()
    {
        var worker = new ScriptedWorker("mail")
        {
            OnStart = (_, context) =>
            {
                context.Health.Listening("smtp", "127.0.0.1:2525");
                return Task.CompletedTask;
            },
        };
        await using var rig = new SupervisorRig(worker);

        await rig.Supervisor.StartAllAsync(CancellationToken.None);

        Assert.Equal(WorkerState.Ready, rig.Health("mail").State);
        Assert.Equal(new BoundListener("smtp", "127.0.0.1:2525"), Assert.Single(rig.Health("mail").Listeners));
    }

    [Fact]
    public async Task Start_ThatFails_IsFaultedWithTheReasonAndTriedAgainLater()
    {
        var worker = new ScriptedWorker("mail")
        {
            OnStart = (start, _) => start == 1 ? throw new OperatorException("the port is taken.") : Task.CompletedTask,
        };
        await using var rig = new SupervisorRig(worker);

        await rig.Supervisor.StartAllAsync(CancellationToken.None);
        Assert.Equal((WorkerState.Faulted, "the port is taken."), (rig.Health("mail").State, rig.Health("mail").Reason));

        await AdvanceUntilAsync(rig, () => rig.Health("mail").State is WorkerState.Ready);
        Assert.Equal(1, rig.Health("mail").Restarts);
        Assert.Null(rig.Health("mail").Reason);
    }

    [Fact]
    public async Task Fault_OfARunningWorker_IsSeenAndLeavesTheOthersAlone()
    {
        var fault = new TaskCompletionSource();
        var sick = new ScriptedWorker("sick");
        sick.OnRun = async ct =>
        {
            if (sick.Starts == 1)
            {
                await fault.Task.WaitAsync(ct);
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        };
        var well = new ScriptedWorker("well");
        await using var rig = new SupervisorRig(sick, well);
        await rig.Supervisor.StartAllAsync(CancellationToken.None);

        fault.SetException(new InvalidOperationException("it broke"));

        await AdvanceUntilAsync(rig, () => sick.Starts == 2 && rig.Health("sick").State is WorkerState.Ready);
        Assert.Equal(1, well.Starts);
        Assert.Contains(rig.Events.All, e =>
            e.Kind == EventKinds.WorkerStateChanged.Name && EventKinds.WorkerStateChanged.Read(e) is { Worker: "sick", State: "faulted", Reason: "InvalidOperationException: it broke" });
    }

    [Fact]
    public async Task Degraded_DuringStart_StaysDegraded()
    {
        var worker = new ScriptedWorker("mail")
        {
            OnStart = (_, context) =>
            {
                context.Health.Degraded("half of it works.");
                return Task.CompletedTask;
            },
        };
        await using var rig = new SupervisorRig(worker);

        await rig.Supervisor.StartAllAsync(CancellationToken.None);

        Assert.Equal((WorkerState.Degraded, "half of it works."), (rig.Health("mail").State, rig.Health("mail").Reason));
    }

    [Fact]
    public async Task Restarts_AskedForAtOnce_AreOne()
    {
        var worker = new ScriptedWorker("mail");
        await using var rig = new SupervisorRig(worker);
        await rig.Supervisor.StartAllAsync(CancellationToken.None);
        var gate = new TaskCompletionSource();
        worker.OnStart = (_, _) => gate.Task;

        var restarts = Enumerable.Range(0, 5).Select(_ => rig.Supervisor.RestartAsync("mail", CancellationToken.None)).ToList();
        gate.SetResult();
        await Task.WhenAll(restarts);

        Assert.Equal(2, worker.Starts);
    }

    [Fact]
    public async Task Stop_WinsOverARestart()
    {
        var worker = new ScriptedWorker("mail");
        await using var rig = new SupervisorRig(worker);
        await rig.Supervisor.StartAllAsync(CancellationToken.None);

        var all = rig.Supervisor.StopAllAsync([], () => ValueTask.CompletedTask, () => ValueTask.CompletedTask, CancellationToken.None);
        await rig.Supervisor.RestartAsync("mail", CancellationToken.None);
        await all;

        Assert.Equal(WorkerState.Stopped, rig.Health("mail").State);
        Assert.Equal(1, worker.Starts);
    }

    [Fact]
    public async Task StopAll_StopsTheLastOnesInOppositeOrder_AfterTheLastWords()
    {
        var order = new List<string>();
        ScriptedWorker Worker(string name) => new(name) { OnStop = () => order.Add(name) };

        await using var rig = new SupervisorRig(Worker("recorder"), Worker("bus"), Worker("mail"));
        await rig.Supervisor.StartAllAsync(CancellationToken.None);

        await rig.Supervisor.StopAllAsync(
            ["recorder", "bus"],
            () =>
            {
                order.Add("words");
                return ValueTask.CompletedTask;
            },
            () =>
            {
                order.Add("flush");
                return ValueTask.CompletedTask;
            },
            CancellationToken.None);

        Assert.Equal(["mail", "words", "flush", "bus", "recorder"], order);
    }

    [Fact]
    public async Task StopAll_WithAFaultedWorker_SaysSo()
    {
        var worker = new ScriptedWorker("mail") { OnStart = (_, _) => throw new OperatorException("never.") };
        await using var rig = new SupervisorRig(worker);
        await rig.Supervisor.StartAllAsync(CancellationToken.None);

        Assert.True(await rig.Supervisor.StopAllAsync([], () => ValueTask.CompletedTask, () => ValueTask.CompletedTask, CancellationToken.None));
    }

    [Fact]
    public async Task Unknown_Worker_IsAnsweredWithTheKnownOnes()
    {
        await using var rig = new SupervisorRig(new ScriptedWorker("mail"));

        var unknown = await Assert.ThrowsAsync<UnknownNameException>(() => rig.Supervisor.RestartAsync("male", CancellationToken.None));

        Assert.Contains("Did you mean 'mail'?", unknown.Message);
    }

    [Fact]
    public async Task Heartbeats_ComeEveryTenSecondsUnderTheWorkersTopic()
    {
        await using var rig = new SupervisorRig(new ScriptedWorker("mail"));
        await rig.Supervisor.StartAllAsync(CancellationToken.None);
        await using var beats = await rig.SubscribeAsync("system.mail.health");

        rig.Clock.Advance(3 * WorkerSupervisor.HeartbeatPeriod);

        for (var i = 0; i < 3; i++)
        {
            var beat = await beats.Messages.ReadAsync();
            Assert.Equal("mail", BusEnvelope.Read(beat.Envelope.Span)!.Data.GetProperty("name").GetString());
        }
    }

    /// <summary>The backoff waits on the manual clock, on another thread: move it until the thing has happened.</summary>
    private static async Task AdvanceUntilAsync(SupervisorRig rig, Func<bool> isSo)
    {
        for (var i = 0; i < 2000 && !isSo(); i++)
        {
            rig.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        Assert.True(isSo());
    }
}
