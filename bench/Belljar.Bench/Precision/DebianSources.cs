using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Belljar.Bench.Precision;

/// <summary>One package's sources, unpacked.</summary>
internal sealed record SourcePackage(string Name, string Folder);

/// <summary>
/// The packages of a list, fetched from the machine's own Debian sources and unpacked below
/// <c>$BELLJAR_PRECISION</c> (default: a folder of the temporary folder), where they stay for the next run.
/// </summary>
internal sealed class DebianSources(Action<string> say)
{
    public static string Here { get; } = Path.Combine(Root(), "bench", "Belljar.Bench", "Precision");

    /// <summary>What the rules were tuned on, and what they were not; one of them, if $BELLJAR_PRECISION_LIST names it.</summary>
    public static string[] Lists { get; } = Variable("BELLJAR_PRECISION_LIST") is { } one ? [one] : ["packages.txt", "held-out.txt"];

    private static string Folder { get; } = Variable("BELLJAR_PRECISION") ?? Path.Combine(Path.GetTempPath(), "belljar-precision");

    public async Task<IReadOnlyList<SourcePackage>> UnpackAsync(string list, CancellationToken ct)
    {
        var packages = new List<SourcePackage>();
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(Here, list), ct))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var fields = line.Split(' ');
            var package = new SourcePackage(fields[0], Path.Combine(Folder, "tree", $"{fields[0]}_{fields[1][(fields[1].IndexOf(':') + 1)..]}"));
            if (Directory.Exists(package.Folder) || await TryFetchAsync(package, fields[1], ct))
            {
                packages.Add(package);
            }
            else
            {
                say($"  {fields[0]} {fields[1]} cannot be had from this machine's package sources any more; left out");
            }
        }

        return packages;
    }

    private static async Task<bool> TryFetchAsync(SourcePackage package, string version, CancellationToken ct)
    {
        var archives = Path.Combine(Folder, "archives");
        Directory.CreateDirectory(archives);
        Directory.CreateDirectory(Path.GetDirectoryName(package.Folder)!);
        var configuration = await WriteAptConfigurationAsync(ct);
        if (!await RunAsync("apt-get", ["-qq", "source", "--download-only", $"{package.Name}={version}"], archives, configuration, ct))
        {
            return false;
        }

        var description = Path.Combine(archives, $"{package.Name}_{version[(version.IndexOf(':') + 1)..]}.dsc");
        // Under another name until it is whole: an interrupted run must not leave half a package behind.
        var unfinished = package.Folder + ".part";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        if (!await RunAsync("dpkg-source", ["--no-check", "--no-copy", "--extract", description, unfinished], archives, configuration, ct))
        {
            return false;
        }

        Directory.Move(unfinished, package.Folder);
        return true;
    }

    /// <summary>The machine's own archives, but their sources instead of their binaries, and lists of our own.</summary>
    private static async Task<string> WriteAptConfigurationAsync(CancellationToken ct)
    {
        var configuration = Path.Combine(Folder, "apt.conf");
        if (File.Exists(configuration))
        {
            return configuration;
        }

        var parts = Path.Combine(Folder, "sources");
        Directory.CreateDirectory(parts);
        Directory.CreateDirectory(Path.Combine(Folder, "lists", "partial"));
        foreach (var file in Directory.EnumerateFiles("/etc/apt/sources.list.d", "debian*.sources"))
        {
            var text = await File.ReadAllTextAsync(file, ct);
            await File.WriteAllTextAsync(Path.Combine(parts, Path.GetFileName(file)), text.Replace("Types: deb\n", "Types: deb-src\n", StringComparison.Ordinal), ct);
        }

        await File.WriteAllTextAsync(configuration, $"Dir::Etc::sourcelist \"/dev/null\";\nDir::Etc::sourceparts \"{parts}\";\nDir::State::lists \"{Folder}/lists\";\n", ct);
        await RunAsync("apt-get", ["-qq", "update"], Folder, configuration, ct);
        return configuration;
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark runs the distribution's own tools; nothing here is a sandbox's business.")]
    private static async Task<bool> RunAsync(string program, IEnumerable<string> arguments, string folder, string configuration, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["APT_CONFIG"] = configuration;
        using var process = Process.Start(start)!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0;
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "Benchmarks have no Hosting to ask.")]
    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Belljar.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Benchmarks run from inside a checkout: no Belljar.slnx above " + AppContext.BaseDirectory);
    }
}
