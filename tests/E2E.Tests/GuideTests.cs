using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace E2E.Tests;

/// <summary>
/// Runs a guide as its reader would, in one shell and a home of its own: each block <c>sh</c> as it stands, each <c>$ </c> line of
/// a block <c>console</c> with the output below it compared loosely. What is to be written in an editor is done here.
/// </summary>
public sealed partial class GuideTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private GuideShell? _shell;

    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
        {
            await _shell.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task GiveYourAgentAnAddress_WorksLineByLine()
    {
        Clients.Need("python3");
        _shell = GuideShell.Start(_folder.Path);
        var yaml = 0;
        foreach (var block in GuideBlock.Read(Path.Combine(Repository.Root, "docs/guide/give-your-agent-an-address.md")))
        {
            switch (block.Language)
            {
                case "sh":
                    await RunAsync(block.Text);
                    break;
                case "console":
                    await ConverseAsync(block);
                    break;
                case "yaml" when yaml++ == 0:
                    await EditAsync(block.Text);
                    break;
                case "yaml":
                    await CheckAsync(block.Text);
                    break;
            }
        }

        Assert.Equal(2, yaml);
    }

    [Fact]
    public async Task SendMail_WorksLineByLine()
    {
        await using var smarthost = new Smarthost();
        _shell = GuideShell.Start(_folder.Path);
        var yaml = 0;
        foreach (var block in GuideBlock.Read(Path.Combine(Repository.Root, "docs/guide/send-mail.md")))
        {
            switch (block.Language)
            {
                case "sh":
                    await RunAsync(block.Text);
                    break;
                case "console":
                    await ConverseAsync(block);
                    break;
                case "yaml" when yaml++ == 0:
                    Directory.CreateDirectory(_folder[".belljar"]);
                    await File.WriteAllTextAsync(_folder[".belljar/belljar.yaml"], $"web: {{listen: \"127.0.0.1:0\"}}\n{block.Text}  smtp: {{listen: [\"127.0.0.1:0\"]}}\n");
                    break;
                case "yaml":
                    await CheckAsync(block.Text);
                    if (yaml == 2)
                    {
                        await File.AppendAllTextAsync(_folder[".belljar/belljar.yaml"], $"  outgoing: {{smarthost: {{host: localhost, port: {smarthost.Port}, tls: none}}}}\n");
                    }

                    break;
            }
        }

        Assert.Equal(3, yaml);
        Assert.Contains("DKIM-Signature:", Assert.Single(smarthost.Messages), StringComparison.Ordinal);
    }

    /// <summary>A block of commands; where the reader would look whether it has taken effect, so does this.</summary>
    private async Task RunAsync(string commands)
    {
        foreach (var part in Reload().Split(commands))
        {
            var (code, output) = await _shell!.SayAsync(part);
            Assert.True(code == 0, $"{part}\nended with {code}:\n{output}");
            if (part.TrimEnd().EndsWith('&'))
            {
                await _shell.UntilAsync("belljar status 2>/dev/null | grep -q 'mail .*ready'", Patience);
            }
            else if (part.Contains("kill -HUP", StringComparison.Ordinal))
            {
                await _shell.UntilAsync("grep -rqs 'configuration read again' ~/.belljar/state/logs", Patience);
            }
        }
    }

    private async Task ConverseAsync(GuideBlock block)
    {
        foreach (var (command, expected) in block.Dialogue())
        {
            var began = TimeProvider.System.GetTimestamp();
            while (true)
            {
                var (code, output) = await _shell!.SayAsync(command);
                if (code == 0 && GuideBlock.Agrees(expected, output))
                {
                    break;
                }

                // Events come when they come; what only looks may look again.
                Assert.True(
                    command.StartsWith("belljar events", StringComparison.Ordinal) && TimeProvider.System.GetElapsedTime(began) < Patience,
                    $"$ {command}\nended with {code}:\n{output}\nThe guide shows:\n{string.Join('\n', expected)}");
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            }
        }
    }

    private async Task EditAsync(string yaml)
    {
        var file = _folder[".belljar/belljar.yaml"];
        var before = await File.ReadAllTextAsync(file);
        Assert.Contains("    agent: {}\n", before);
        await File.WriteAllTextAsync(file, before.Replace("    agent: {}\n", yaml, StringComparison.Ordinal));
    }

    private async Task CheckAsync(string yaml)
    {
        await File.WriteAllTextAsync(_folder["real.yaml"], yaml);
        var (code, output) = await _shell!.SayAsync("belljar config check ~/real.yaml");
        Assert.True(code == 0, output);
    }

    [GeneratedRegex("(?<=kill -HUP %1[^\n]*\n)", RegexOptions.None, 10_000)]
    private static partial Regex Reload();
}

/// <summary>What stands between two lines of backquotes.</summary>
internal sealed partial record GuideBlock(string Language, string Text)
{
    public static IReadOnlyList<GuideBlock> Read(string path) =>
        [.. Fence().Matches(File.ReadAllText(path)).Select(match => new GuideBlock(match.Groups["language"].Value, match.Groups["text"].Value))];

    public IEnumerable<(string Command, List<string> Expected)> Dialogue()
    {
        (string Command, List<string> Expected)? current = null;
        foreach (var line in Text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                if (current is { } before)
                {
                    yield return before;
                }

                current = (line[2..], []);
            }
            else
            {
                current!.Value.Expected.Add(line);
            }
        }

        if (current is { } last)
        {
            yield return last;
        }
    }

    /// <summary>The lines come in this order, others between them; any number stands for any, white space for any, <c>…</c> for anything.</summary>
    public static bool Agrees(IReadOnlyList<string> expected, string output)
    {
        var wanted = new Queue<Regex>(expected.Where(line => line.Length > 0).Select(Loosely));
        foreach (var line in output.Split('\n'))
        {
            if (wanted.TryPeek(out var next) && next.IsMatch(line))
            {
                wanted.Dequeue();
            }
        }

        return wanted.Count == 0;
    }

    private static Regex Loosely(string line)
    {
        var pattern = Regex.Escape(line).Replace("…", ".*", StringComparison.Ordinal);
        pattern = Number().Replace(pattern, "[0-9]+");
        pattern = Space().Replace(pattern, @"\s*");
        return new Regex($@"^\s*{pattern}\s*$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
    }

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Fence();

    [GeneratedRegex("[0-9]{2,}", RegexOptions.None, 10_000)]
    private static partial Regex Number();

    [GeneratedRegex(@"(\\ )+", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Space();
}

/// <summary>One bash that is spoken to, command after command, as at a terminal: variables, functions and jobs stay.</summary>
internal sealed class GuideShell(ChildProcess process, StreamReader output) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private int _count;

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The tests hand their own PATH on.")]
    public static GuideShell Start(string home)
    {
        var programs = Path.Combine(home, "bin");
        Directory.CreateDirectory(programs);
        var program = Path.Combine(programs, "belljar");
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{Home.Program}' \"$@\"\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        var process = ChildProcess.Start(new ChildSpec("/bin/bash", "--norc")
        {
            Environment = new Dictionary<string, string>
            {
                ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin",
                ["HOME"] = home,
                ["LANG"] = "C.UTF-8",
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            },
            WorkingDirectory = home,
            Input = ChildStream.Pipe,
            Output = ChildStream.Pipe,
            Error = ChildStream.AsOutput,
        });
        return new GuideShell(process, new StreamReader(process.Output!));
    }

    /// <returns>Its exit code, and all that was printed meanwhile.</returns>
    public async Task<(int Code, string Output)> SayAsync(string command)
    {
        var end = string.Create(CultureInfo.InvariantCulture, $"@@ {++_count} ended with ");
        var setup = _count == 1 ? "set -m\n" : "";
        await process.Input!.WriteAsync(Encoding.UTF8.GetBytes($"{setup}{command}\ncode=$?; echo; echo \"{end}$code\"\n"));
        await process.Input.FlushAsync();
        var said = new StringBuilder();
        while (true)
        {
            var line = await output.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException($"The shell ended:\n{said}");
            if (line.StartsWith(end, StringComparison.Ordinal))
            {
                return (int.Parse(line[end.Length..], CultureInfo.InvariantCulture), said.ToString());
            }

            said.Append(line).Append('\n');
        }
    }

    /// <summary>Looks until a command succeeds.</summary>
    public async Task UntilAsync(string command, TimeSpan patience)
    {
        var began = TimeProvider.System.GetTimestamp();
        while ((await SayAsync(command)).Code != 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < patience, $"not within {patience}: {command}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>Its jobs end with it: <c>up</c> is asked to, and waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await SayAsync("kill %1 2>/dev/null; wait");
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or TimeoutException)
        {
            // The shell is gone already.
        }

        output.Dispose();
        await process.DisposeAsync();
    }
}
