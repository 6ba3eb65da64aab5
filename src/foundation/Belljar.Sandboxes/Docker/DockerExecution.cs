using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tiny;

namespace Belljar.Sandboxes.Docker;

/// <summary>A command that an engine runs in a container.</summary>
internal sealed class DockerExecution : IExecution
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan WhileItTalks = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly DockerContainer _container;
    private readonly InitProcess? _init;
    private readonly string _id;
    private readonly int _pidInside;
    private readonly EngineStream _stream;
    private readonly TimeProvider _clock;
    private readonly ExecSink _output;
    private readonly ExecSink _error;
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Task _pumped;
    private Task _resized = Task.CompletedTask;

    /// <param name="pidInside">The command's number in the sandbox, which is its session's too.</param>
    public DockerExecution(
        DockerContainer container, InitProcess? init, string id, int pidInside, EngineStream stream, ExecSpec exec, TimeProvider clock)
    {
        (_container, _init, _id, _pidInside, _stream, _clock) = (container, init, id, pidInside, stream, clock);
        var terminal = exec.Terminal is not null;
        _output = ExecSink.For(terminal ? ChildStream.Pipe : exec.Output, null);
        _error = ExecSink.For(terminal ? ChildStream.Null : exec.Error, _output);
        Input = terminal || exec.Input is ChildStream.Piped ? new ExecInput(stream) : null;
        if (Input is null)
        {
            _ = FeedAsync(exec.Input); // Ends with the input or with the connection; says nothing either way.
        }

        _pumped = PumpAsync();
        Completed = CompleteAsync(exec.Timeout);
    }

    public Stream? Input { get; }

    public Stream? Output => _output.Stream;

    public Stream? Error => _error.Stream;

    public Task<ExecResult> Completed { get; }

    public void Resize(TerminalSize size) => _resized = ResizeAsync(_resized, size);

    public bool Send(Signal signal) => !Completed.IsCompleted && SendAsync((int)signal, group: false).GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        if (!Completed.IsCompleted)
        {
            await KillAsync();
        }

        _output.Abandon();
        _error.Abandon();
        await Completed;
        await _abandoned.CancelAsync();
        await _stream.DisposeAsync();
        await Task.WhenAll(_pumped, _resized); // Not for the input: a read of a terminal cannot be called off.
    }

    private async Task<ExecResult> CompleteAsync(TimeSpan? timeout)
    {
        var timedOut = false;
        var code = ExitedAsync();
        try
        {
            await code.WaitAsync(timeout ?? Timeout.InfiniteTimeSpan, _clock, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            timedOut = true;
            await KillAsync();
        }

        return timedOut && await code >= 0 ? new ExecResult(RunResult.TimedOutCode, ExecEnding.TimedOut) : Result(await code);
    }

    private static ExecResult Result(int code) => code switch
    {
        Launcher.MissingCode => new ExecResult(127, ExecEnding.ProgramMissing, "there is no such program"),
        Launcher.NotRunnableCode => new ExecResult(126, ExecEnding.NotRunnable, "the program or the working folder cannot be used"),
        _ => new ExecResult(code, ExecEnding.Exited),
    };

    /// <summary>Its streams usually end with it, but a child that keeps them open may live on: so it is asked for too, less and less often.</summary>
    private async Task<int> ExitedAsync()
    {
        var pause = WhileItTalks;
        while (true)
        {
            await Task.WhenAny(_pumped, Task.Delay(pause, _clock, CancellationToken.None));
            if (await ExitCodeAsync() is { } code)
            {
                return code;
            }

            if (_pumped.IsCompleted)
            {
                break;
            }

            pause = pause < LongestPause ? pause * 2 : LongestPause;
        }

        // The engine notes the end a moment after the streams'.
        for (pause = FirstLook; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            await Task.Delay(pause, _clock, CancellationToken.None);
            if (await ExitCodeAsync() is { } code)
            {
                return code;
            }
        }
    }

    private async Task<int?> ExitCodeAsync()
    {
        try
        {
            var exec = await _container.Engine.GetAsync($"/exec/{_id}/json", CancellationToken.None);
            return (bool?)exec["Running"] is true ? null : (int?)exec["ExitCode"];
        }
        catch (EngineException gone) when (gone.Status is 404 or 409)
        {
            return 128 + (int)Signal.Kill; // The container was removed meanwhile.
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            // The engine does not answer. Who has lost the command's streams too will not hear of its end any more.
            return _pumped.IsCompleted ? 128 + (int)Signal.Kill : null;
        }
    }

    private async Task PumpAsync()
    {
        var buffer = new byte[32 * 1024];
        try
        {
            int count;
            while ((count = await _stream.ReadAsync(buffer, _abandoned.Token)) > 0)
            {
                await (_stream.Number == 2 ? _error : _output).WriteAsync(buffer.AsMemory(0, count), _abandoned.Token);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The engine went away, or nobody wants the rest: the exit code tells the end.
        }
        finally
        {
            await _output.CompleteAsync();
            await _error.CompleteAsync();
        }
    }

    private async Task FeedAsync(ChildStream input)
    {
        try
        {
            if (input is ChildStream.Given or ChildStream.Inherited)
            {
                using var source = ExecSink.Open(input, 0);
                var buffer = new byte[32 * 1024];
                int count;
                while ((count = await Task.Run(() => ExecSink.Read(source, buffer), _abandoned.Token)) > 0)
                {
                    await _stream.WriteAsync(buffer.AsMemory(0, count), _abandoned.Token);
                }
            }

            _stream.CloseInput();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The command does not want all of it.
        }
    }

    private async Task ResizeAsync(Task before, TerminalSize size)
    {
        await before;
        try
        {
            await DockerExec.ResizeAsync(_container, _id, size, CancellationToken.None);
        }
        catch (EngineException)
        {
            // It has ended.
        }
    }

    private async Task KillAsync() => await SendAsync((int)Signal.Kill, group: true);

    private async Task<bool> SendAsync(int signal, bool group)
    {
        if (_init is not null && await HostPidAsync() is { } pid)
        {
            if (!group)
            {
                return Libc.kill(pid, signal) == 0;
            }

            _init.KillSession(pid);
            return true;
        }

        return await SendInsideAsync(signal, group);
    }

    private async Task<int?> HostPidAsync()
    {
        try
        {
            var exec = await _container.Engine.GetAsync($"/exec/{_id}/json", CancellationToken.None);
            return (bool?)exec["Running"] is true && (int?)exec["Pid"] is > 0 and var pid && _init!.Contains(pid) ? pid : null;
        }
        catch (EngineException)
        {
            return null;
        }
    }

    /// <summary>Engines cannot signal a command: another one does.</summary>
    private async Task<bool> SendInsideAsync(int signal, bool group)
    {
        try
        {
            var target = group ? -_pidInside : _pidInside;
            var kill = new ExecSpec("/bin/sh", "-c", $"kill -{signal} {target}");
            await using var execution = await DockerExec.StartAsync(
                _container, null, kill, SandboxUser.Root, new Dictionary<string, string>(), _clock, CancellationToken.None);
            return (await execution.Completed).ExitCode == 0;
        }
        catch (Exception error) when (error is EngineException or SandboxException)
        {
            return false; // It does not run any more.
        }
    }
}
