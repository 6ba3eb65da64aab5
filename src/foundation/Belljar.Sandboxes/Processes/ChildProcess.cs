using System.IO.Pipes;
using System.Runtime.InteropServices;
using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Processes;

/// <summary>
/// A child process: an argument array, never a shell's string; an exact environment; only the descriptors that the
/// <see cref="ChildSpec"/> names. Its end is always collected, also when nobody waits. Disposing ends it (and its group,
/// when it has one of its own) unless it was <see cref="Release">released</see>.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly ProcessDescriptor _process;
    private readonly bool _ownsGroup;
    private bool _released;

    private ChildProcess(int pid, ProcessDescriptor process, bool ownsGroup)
    {
        Pid = pid;
        _process = process;
        _ownsGroup = ownsGroup;
        Exited = CollectAsync();
    }

    public int Pid { get; }

    /// <summary>The exit code, or 128 and the number of the signal that ended it.</summary>
    public Task<int> Exited { get; }

    /// <summary>The writing end of the child's standard input, if that is a pipe. Disposing it is the end of the input.</summary>
    public Stream? Input { get; private set; }

    public Stream? Output { get; private set; }

    public Stream? Error { get; private set; }

    /// <exception cref="ProgramNotFoundException">There is no such program.</exception>
    /// <exception cref="NativeException">It cannot be started.</exception>
    public static unsafe ChildProcess Start(ChildSpec spec)
    {
        var path = Resolve(spec);
        using var streams = new ChildPipes(spec);
        using var actions = new SpawnActions(spec.Descriptors.Keys);
        using var attributes = new SpawnAttributes(spec.Terminal is null ? spec.Grouping : ChildGrouping.OwnSession);
        streams.AddTo(actions);
        foreach (var (target, source) in spec.Descriptors)
        {
            actions.Map(source, target);
        }

        if (spec.WorkingDirectory is { } folder)
        {
            actions.ChangeDirectory(folder);
        }

        actions.CloseTheRest();
        using var program = new NativeStrings([path]);
        using var arguments = new NativeStrings(spec.Command);
        using var environment = new NativeStrings([.. spec.Environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        int pid;
        var error = Libc.posix_spawn(
            &pid, program.Pointers[0], actions.Pointer, attributes.Pointer, arguments.Pointers, environment.Pointers);
        SpawnActions.Check(error, $"cannot start {path}");
        var ownsGroup = spec.Terminal is not null || spec.Grouping != ChildGrouping.Parents;
        var child = new ChildProcess(pid, ProcessDescriptor.Open(pid), ownsGroup);
        (child.Input, child.Output, child.Error) = streams.TakeOurEnds();
        return child;
    }

    /// <summary>Starts, feeds, waits, and gives back what came out, all bounded. A failing command is a result, not an exception.</summary>
    public static Task<RunResult> RunAsync(ChildSpec spec, RunLimits limits, CancellationToken ct) => ChildRun.RunAsync(spec, limits, ct);

    /// <summary>Sends a signal to the child alone.</summary>
    /// <returns>False when it has ended already.</returns>
    public bool Send(Signal signal) => !Exited.IsCompleted && _process.Send(signal);

    /// <summary>Sends a signal to the child and all of its group; to the child alone when it shares its parent's.</summary>
    public bool SendToGroup(Signal signal) => _ownsGroup ? Libc.kill(-Pid, (int)signal) == 0 : Send(signal);

    /// <summary>Disposing will leave the child running.</summary>
    public void Release() => _released = true;

    public async ValueTask DisposeAsync()
    {
        if (!_released && !Exited.IsCompleted)
        {
            SendToGroup(Signal.Kill);
            await Exited;
        }

        await CloseAsync(Input);
        await CloseAsync(Output);
        await CloseAsync(Error);
    }

    private static async Task CloseAsync(Stream? stream)
    {
        if (stream is not null)
        {
            await stream.DisposeAsync();
        }
    }

    private static string Resolve(ChildSpec spec)
    {
        if (spec.Command is not [var program, ..])
        {
            throw new ArgumentException("A command has at least the program.", nameof(spec));
        }

        var path = spec.Environment.GetValueOrDefault("PATH") ?? ProgramPath.Default;
        return ProgramPath.Find(program, path) ?? throw new ProgramNotFoundException(program);
    }

    private async Task<int> CollectAsync()
    {
        await _process.EndedAsync(CancellationToken.None);
        try
        {
            return _process.Reap();
        }
        finally
        {
            _process.Dispose();
        }
    }
}
