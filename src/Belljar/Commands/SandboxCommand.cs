using System.CommandLine;
using Belljar.Hosting;
using Belljar.Sandboxes;
using Belljar.Sandboxes.Processes;
using Belljar.Sessions;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>Sandboxes by hand, for people who debug. Bottles and decoys make their own.</summary>
internal static class SandboxCommand
{
    private const long LargestCopy = 64L << 30;
    private const int LargestFile = 1 << 30;

    public static Command Create() => CommandTree.Create(
        "sandbox", "Make and enter sandboxes by hand, to debug.", "belljar sandbox create --name probe", Make(), Exec(), Copy(), List(), Remove(), Cleanup());

    private static Command Make()
    {
        var name = new Option<string>("--name") { Description = "its name: lower-case letters, digits, hyphens", Required = true };
        var backend = new Option<string>("--backend") { Description = $"one of {string.Join(", ", SandboxBackends.All.Select(kind => kind.Name))}", DefaultValueFactory = _ => SandboxBackends.All.First().Name };
        var rootfs = new Option<string>("--rootfs") { Description = "host, an image's name, or a folder (with a slash)", DefaultValueFactory = _ => "host" };
        var profile = new Option<SandboxProfile>("--profile") { Description = "agent or decoy" };
        var command = CommandTree.Create("create", "Make a sandbox and start it.", "belljar sandbox create --name probe --rootfs host", name, backend, rootfs, profile);
        command.SetAction((parsed, ct) => RunAsync(async paths =>
        {
            var made = HandMadeSandboxes.Open(parsed.GetRequiredValue(backend), paths);
            if ((await made.ProbeAsync(ct)).Problem is { } problem)
            {
                throw new OperatorException(problem);
            }

            var sandbox = await made.CreateAsync(
                new SandboxSpec { Name = parsed.GetRequiredValue(name), Rootfs = RootfsOf(parsed.GetRequiredValue(rootfs)), Profile = parsed.GetValue(profile) }, ct);
            await sandbox.StartAsync(ct);
            foreach (var warning in sandbox.Warnings)
            {
                Terminal.Error.WriteLine(Terminal.Yellow($"belljar: {warning}"));
            }

            Terminal.Out.WriteLine($"{sandbox.Name} runs ({sandbox.Backend}). Enter it: belljar sandbox exec {sandbox.Name} -- sh");
            return 0;
        }, ct));
        return command;
    }

    private static Command Exec()
    {
        var name = Name();
        var words = new Argument<string[]>("command") { Description = "what to run inside, after --", Arity = ArgumentArity.OneOrMore };
        var root = new Option<bool>("--root") { Description = "as root inside" };
        var terminal = new Option<bool>("--tty", "-t") { Description = "on a terminal of its own, tied to yours: what runs inside then writes to your terminal as it likes" };
        var interactive = new Option<bool>("--interactive", "-i") { Description = "input is always passed on; for -it, as hands have it" };
        var command = CommandTree.Create(
            "exec", "Run a command in a sandbox and return its exit code.", "belljar sandbox exec -t probe -- bash", name, root, terminal, interactive, words);
        command.SetAction((parsed, ct) => RunAsync(async paths =>
        {
            var sandbox = await HandMadeSandboxes.FindAsync(parsed.GetRequiredValue(name), paths, ct);
            if (await sandbox.GetStateAsync(ct) == SandboxState.Stopped)
            {
                await sandbox.StartAsync(ct);
            }

            var spec = new ExecSpec(parsed.GetRequiredValue(words)) { User = parsed.GetValue(root) ? SandboxUser.Root : null };
            var result = parsed.GetValue(terminal) ? await TerminalExec.RunAsync(sandbox, spec, ct) : await RunInheritedAsync(sandbox, spec, ct);
            if (result.Reason is { } reason)
            {
                Terminal.Error.WriteLine($"belljar: {Terminal.Safe(reason)}");
            }

            return result.ExitCode;
        }, ct));
        return command;
    }

    private static async Task<ExecResult> RunInheritedAsync(ISandbox sandbox, ExecSpec spec, CancellationToken ct)
    {
        await using var execution = await sandbox.ExecAsync(
            spec with { Input = ChildStream.Inherit, Output = ChildStream.Inherit, Error = ChildStream.Inherit }, ct);
        return await execution.Completed.WaitAsync(ct);
    }

    private static Command Copy()
    {
        var from = new Argument<string>("from") { Description = "a path, or NAME:/path inside" };
        var to = new Argument<string>("to") { Description = "a path, or NAME:/path inside" };
        var command = CommandTree.Create("cp", "Copy a file or a folder in or out; works on a stopped sandbox too.", "belljar sandbox cp notes.txt probe:/home/agent/notes.txt", from, to);
        command.SetAction((parsed, ct) => RunAsync(async paths =>
        {
            var (source, target) = (SandboxPath.Parse(parsed.GetRequiredValue(from)), SandboxPath.Parse(parsed.GetRequiredValue(to)));
            if (source.Sandbox is null == target.Sandbox is null)
            {
                throw new OperatorException("one of the two is NAME:/path, the other a path of this machine.", OperatorException.WrongUsage);
            }

            var sandbox = await HandMadeSandboxes.FindAsync(source.Sandbox ?? target.Sandbox!, paths, ct);
            await (target.Sandbox is not null ? CopyInAsync(sandbox, source.Path, target.Path, ct) : CopyOutAsync(sandbox, source.Path, target.Path, ct));
            return 0;
        }, ct));
        return command;
    }

    private static async Task CopyInAsync(ISandbox sandbox, string source, string target, CancellationToken ct)
    {
        if (Directory.Exists(source))
        {
            await sandbox.CopyInAsync(source, target, null, ct);
            return;
        }

        await sandbox.WriteFileAsync(
            target, await File.ReadAllBytesAsync(source, ct), new SandboxFileAttributes(File.GetUnixFileMode(source), ModifiedAt: new DateTimeOffset(File.GetLastWriteTimeUtc(source), TimeSpan.Zero)), ct);
    }

    private static async Task CopyOutAsync(ISandbox sandbox, string source, string target, CancellationToken ct)
    {
        var read = await sandbox.ReadFileAsync(source, LargestFile, ct);
        switch (read.Status)
        {
            case SandboxReadStatus.Found:
                await using (var file = new FileStream(target, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = read.Mode & (UnixFileMode)0x1FF }))
                {
                    await file.WriteAsync(read.Content, ct);
                }

                break;
            case SandboxReadStatus.NotAFile:
                await sandbox.CopyOutAsync(source, target, LargestCopy, ct);
                break;
            case SandboxReadStatus.TooLarge:
                throw new OperatorException($"{source} is larger than a gigabyte: copy its folder instead.");
            default:
                throw new OperatorException($"there is no {source} in {sandbox.Name}.");
        }
    }

    private static Command List()
    {
        var command = CommandTree.Create("ls", "List the sandboxes that were made by hand.", "belljar sandbox ls");
        command.SetAction((_, ct) => RunAsync(async paths =>
        {
            var table = new Table("NAME", "BACKEND", "STATE", "MADE");
            foreach (var sandbox in await HandMadeSandboxes.ListAsync(paths, ct))
            {
                table.Add(sandbox.Name, sandbox.Backend, $"{await sandbox.GetStateAsync(ct)}".ToLowerInvariant(), $"{sandbox.CreatedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}");
            }

            table.Write(Terminal.Out);
            return 0;
        }, ct));
        return command;
    }

    private static Command Remove()
    {
        var name = Name();
        var yes = Yes();
        var command = CommandTree.Create("rm", "Stop and remove a sandbox with all its files.", "belljar sandbox rm probe -y", name, yes);
        command.SetAction((parsed, ct) => RunAsync(async paths =>
        {
            var sandbox = await HandMadeSandboxes.FindAsync(parsed.GetRequiredValue(name), paths, ct);
            if (!parsed.GetValue(yes) && !Terminal.Confirm($"Remove {sandbox.Name} and all its files?"))
            {
                throw new OperatorException($"nothing was removed. To remove without a question: belljar sandbox rm {sandbox.Name} -y");
            }

            await sandbox.DeleteAsync(ct);
            Terminal.Out.WriteLine($"removed {sandbox.Name}");
            return 0;
        }, ct));
        return command;
    }

    private static Command Cleanup()
    {
        var yes = Yes();
        var command = CommandTree.Create("cleanup", "Remove what crashes and failed removals have left.", "belljar sandbox cleanup -y", yes);
        command.SetAction((parsed, ct) => RunAsync(async paths =>
        {
            foreach (var kind in SandboxBackends.All)
            {
                var backend = HandMadeSandboxes.Open(kind.Name, paths);
                if ((await backend.ProbeAsync(ct)).IsUsable)
                {
                    await CleanAsync(await backend.FindRemainsAsync(ct), parsed.GetValue(yes), ct);
                }
            }

            return 0;
        }, ct));
        return command;
    }

    private static async Task CleanAsync(IReadOnlyList<SandboxRemains> remains, bool yes, CancellationToken ct)
    {
        foreach (var left in remains)
        {
            if (yes || Terminal.Confirm($"{left.Sandbox}: {left.What}. Remove?"))
            {
                await left.RemoveAsync(ct);
                Terminal.Out.WriteLine($"removed of {left.Sandbox}: {left.What}");
            }
        }
    }

    private static Task<int> RunAsync(Func<BelljarPaths, Task<int>> work, CancellationToken ct) => HandMadeSandboxes.RunAsync(async () =>
    {
        var paths = CommandTree.Paths();
        await OwnNamespace.EnterAsync(paths, ct);
        return await work(paths);
    });

    private static SandboxRootfs RootfsOf(string text) =>
        text == "host" ? SandboxRootfs.Host : text.Contains('/') ? SandboxRootfs.Directory(Path.GetFullPath(text)) : SandboxRootfs.Image(text);

    private static Argument<string> Name() => new("name") { Description = "the sandbox's name" };

    private static Option<bool> Yes() => new("--yes", "-y") { Description = "do not ask" };

    private sealed record SandboxPath(string? Sandbox, string Path)
    {
        public static SandboxPath Parse(string text) =>
            text.IndexOf(":/", StringComparison.Ordinal) is > 0 and var colon && !text[..colon].Contains('/')
                ? new SandboxPath(text[..colon], text[(colon + 1)..])
                : new SandboxPath(null, text);
    }
}
