using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace E2E.Tests;

/// <summary>A free home with the built program, as a user has it: everything goes through the command line.</summary>
public sealed class Home : IAsyncDisposable
{
    public static readonly string Program =
        System.IO.Path.Combine(
            Repository.Root, "artifacts", "bin", "Belljar",
            System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
            "belljar.dll");

    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _up;

    public Home() => Directory.CreateDirectory(Path);

    public string Path => _folder["home"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public int UpPid => _up?.Pid ?? throw new InvalidOperationException("up does not run");

    /// <summary>What <c>up</c> has printed so far.</summary>
    public StringBuilder UpOutput { get; } = new();

    /// <summary>Starts <c>belljar up</c> and waits until it says that it is ready.</summary>
    public async Task UpAsync()
    {
        _up = ChildProcess.Start(Spec(["up"]) with { Output = ChildStream.Pipe, Error = ChildStream.AsOutput });
        var ready = new TaskCompletionSource();
        _ = Task.Run(async () =>
        {
            using var reader = new StreamReader(_up.Output!);
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (UpOutput)
                {
                    UpOutput.AppendLine(line);
                }

                if (line.Contains("ready in"))
                {
                    ready.TrySetResult();
                }
            }

            ready.TrySetException(new InvalidOperationException($"up ended:\n{UpOutput}"));
        });
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        _up!.Send(Signal.Terminate);
        return await _up.Exited.WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>kill -9, and no time to say goodbye.</summary>
    public async Task KillAsync()
    {
        _up!.Send(Signal.Kill);
        await _up.Exited.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public Task<RunResult> RunAsync(params string[] arguments) => RunAsync(arguments, []);

    public Task<RunResult> RunAsync(string[] arguments, params (string Name, string Value)[] environment) => ChildProcess.RunAsync(
        Spec(arguments, environment), new RunLimits { Timeout = TimeSpan.FromSeconds(60) }, CancellationToken.None);

    /// <summary>Runs a command that reads this from its standard input.</summary>
    public Task<RunResult> TellAsync(string input, params string[] arguments) => ChildProcess.RunAsync(
        Spec(arguments), new RunLimits { Timeout = TimeSpan.FromSeconds(60), Input = Encoding.UTF8.GetBytes(input) }, CancellationToken.None);

    /// <summary>Runs a command as another user of this machine, whom the test's folders let pass and no more.</summary>
    public Task<RunResult> RunAsAsync(int user, params string[] arguments)
    {
        var spec = Spec(arguments);
        foreach (var folder in new[] { _folder.Path, Path })
        {
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);
        }

        return ChildProcess.RunAsync(
            new ChildSpec(["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--", .. spec.Command]) { Environment = spec.Environment, WorkingDirectory = "/" },
            new RunLimits { Timeout = TimeSpan.FromSeconds(60) },
            CancellationToken.None);
    }

    /// <summary>A command that runs on until the test ends it.</summary>
    public ChildProcess Start(params string[] arguments) =>
        ChildProcess.Start(Spec(arguments) with { Input = ChildStream.Pipe, Output = ChildStream.Pipe, Error = ChildStream.AsOutput });

    /// <summary>Runs a command that must succeed and gives its JSON.</summary>
    public async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.Succeeded, $"belljar {string.Join(' ', arguments)}: {result.ErrorText}");
        return JsonDocument.Parse(result.OutputText).RootElement;
    }

    /// <summary>The events of a kind, oldest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> EventsAsync(string kind)
    {
        var result = await RunAsync("events", "--json", "--limit", "10000", "--kind", kind);
        Assert.True(result.Succeeded, result.ErrorText);
        return [.. result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>Where a protocol listens, from <c>status --json</c>.</summary>
    public async Task<string> AddressAsync(string protocol)
    {
        var status = await JsonAsync("status", "--json");
        return status.GetProperty("workers").EnumerateArray()
            .SelectMany(worker => worker.GetProperty("listeners").EnumerateArray())
            .First(listener => listener.GetProperty("protocol").GetString() == protocol)
            .GetProperty("address").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_up is not null)
        {
            await _up.DisposeAsync();
        }

        _folder.Dispose();
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The tests hand their own PATH on.")]
    public ChildSpec Spec(string[] arguments, params (string Name, string Value)[] environment)
    {
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin",
            ["HOME"] = Path,
            ["BELLJAR_HOME"] = Path,
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        };
        foreach (var (name, value) in environment)
        {
            variables[name] = value;
        }

        return new ChildSpec(["dotnet", Program, .. arguments]) { Environment = variables, WorkingDirectory = "/" };
    }
}
