using System.Text;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Images;

/// <summary>Builds Debian trees with mmdebstrap, from the package sources that this machine uses.</summary>
public sealed class ImageBuild(ImageStore store)
{
    private const int MostLine = 4096;
    private const string AptFolder = "/etc/apt";

    /// <summary>Gives every tree the sandboxes' own user.</summary>
    private const string UserHook = "chroot \"$1\" useradd --create-home --uid 1000 --shell /bin/bash agent";

    /// <param name="suite">Debian's release, <c>bookworm</c>.</param>
    /// <param name="progress">Gets a line at a time of what the tool says.</param>
    /// <exception cref="SandboxException">The tool is missing, or failed: with its last words.</exception>
    public async Task<SandboxImage> DebianAsync(string name, ImageRecipe recipe, string suite, Action<string> progress, CancellationToken ct)
    {
        ImageStore.CheckName(name);
        var program = ProgramPath.Find("mmdebstrap")
            ?? throw new SandboxException("Building a Debian tree needs mmdebstrap: install it (Debian: apt install mmdebstrap), or import an image.");
        await using var child = ChildProcess.Start(new ChildSpec(
        [
            program, "--variant=minbase", "--mode=root", "--format=tar", $"--include={string.Join(',', recipe.Packages)}",
            .. Files($"{AptFolder}/apt.conf.d", "").Where(IsAboutFetching).Select(file => $"--aptopt={file}"),
            $"--customize-hook={UserHook}", "--skip=cleanup/reproducible", suite, "-", .. Files($"{AptFolder}/sources.list.d", ".sources"), .. Files($"{AptFolder}/sources.list.d", ".list"), .. File.Exists($"{AptFolder}/sources.list") ? [$"{AptFolder}/sources.list"] : (string[])[],
        ])
        {
            Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default, ["LC_ALL"] = "C" },
            Output = ChildStream.Pipe,
            Error = ChildStream.Pipe,
        });
        var talking = ForwardAsync(child.Error!, progress, ct);
        SandboxImage? image = null;
        SandboxException? refused = null;
        try
        {
            image = await store.ImportTreeAsync(name, $"mmdebstrap {suite}: {recipe.Name}", child.Output!, ct);
        }
        catch (SandboxException error)
        {
            refused = error; // The tool's own words say more.
        }

        var last = await talking;
        return await child.Exited.WaitAsync(ct) == 0 && image is not null
            ? image
            : throw new SandboxException($"mmdebstrap failed: {(last.Length > 0 ? last : refused?.Message)}. It needs root, room in /tmp and package sources that this machine reaches.", refused);
    }

    /// <summary>Proxies and the like; not hooks, which are this machine's.</summary>
    private static bool IsAboutFetching(string file) =>
        File.ReadAllText(file) is var text && text.Contains("Acquire::", StringComparison.Ordinal) && !text.Contains("Invoke", StringComparison.Ordinal);

    private static IEnumerable<string> Files(string folder, string ending) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Where(file => file.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        : [];

    /// <returns>The last line that begins with an error's mark, else the last one.</returns>
    private static async Task<string> ForwardAsync(Stream stream, Action<string> progress, CancellationToken ct)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var last = "";
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            line = line.Length > MostLine ? line[..MostLine] : line;
            progress(line);
            last = line.StartsWith("E:", StringComparison.Ordinal) || !last.StartsWith("E:", StringComparison.Ordinal) ? line : last;
        }

        return last;
    }
}
