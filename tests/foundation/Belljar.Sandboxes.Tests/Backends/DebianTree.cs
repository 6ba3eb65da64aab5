using System.Text;
using Belljar.Sandboxes.Images;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

[assembly: AssemblyFixture(typeof(Belljar.Sandboxes.Tests.Backends.DebianTree))]

namespace Belljar.Sandboxes.Tests.Backends;

/// <summary>
/// A small Debian system as an image has it: the essential packages, apt, adduser and pip, put together from the files of
/// this machine's own packages. It needs no mirror and takes seconds; made when the first test wants it.
/// </summary>
public sealed class DebianTree : IDisposable
{
    private static readonly string[] Wanted = ["apt", "adduser", "passwd", "python3-pip"];
    private static readonly string[] LeftOut = ["/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/", "/usr/share/info/", "/usr/include/"];

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<string>> _made;

    public DebianTree()
    {
        _made = new Lazy<Task<string>>(MakeAsync);
    }

    /// <returns>The folder of the tree; the test is skipped where this machine is no Debian.</returns>
    public async Task<string> FolderAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/etc/debian_version"), "a Debian tree is made from this machine's packages, by root");
        Assert.SkipWhen(ProgramPath.Find("dpkg-deb") is null || !File.Exists("/var/lib/dpkg/status"), "this machine keeps no record of its packages");
        return await _made.Value;
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> MakeAsync()
    {
        var installed = (await TextAsync("dpkg-query", "-W", "-f=${binary:Package}\\t${Package}\\t${Essential}\\t${Pre-Depends}, ${Depends}\\t${Provides}\\n"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        var packages = Closure(installed);
        WriteOwn(_folder["own"], await TextAsync(["dpkg-query", "-s", .. packages]));
        var paths = (await TextAsync(["dpkg", "-L", .. packages])).Split('\n')
            .Where(path => path.Length > 2 && path[0] == '/' && Path.Exists(path) && !LeftOut.Any(folder => path.StartsWith(folder, StringComparison.Ordinal)))
            .Concat(packages.SelectMany(name => Directory.EnumerateFiles("/var/lib/dpkg/info", $"{name}.*")))
            .Concat(Alternatives())
            .Select(Real).Distinct().Order(StringComparer.Ordinal);
        await File.WriteAllLinesAsync(_folder["list"], paths.Select(path => "." + path));
        var own = Directory.EnumerateFileSystemEntries(_folder["own"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        await File.WriteAllLinesAsync(_folder["own-list"], own.Select(path => "." + path[_folder["own"].Length..]));

        await using var tar = ChildProcess.Start(new ChildSpec(
            "tar", "--create", "--file=-", "--no-recursion", "--ignore-failed-read", "-C", "/", $"--files-from={_folder["list"]}", "-C", _folder["own"], $"--files-from={_folder["own-list"]}")
        {
            Output = ChildStream.Pipe,
        });
        var store = new ImageStore(new SandboxSettings { StateFolder = _folder["store"] });
        return (await store.ImportTreeAsync("debian", "this machine's packages", tar.Output!, default)).Rootfs;
    }

    /// <summary>What the wanted packages need, of what is installed.</summary>
    private static List<string> Closure(List<string[]> installed)
    {
        var byName = installed.GroupBy(fields => fields[1]).ToDictionary(group => group.Key, group => group.First());
        foreach (var fields in installed)
        {
            foreach (var provided in Names(fields[4].Split(',')))
            {
                byName.TryAdd(provided, fields);
            }
        }

        var found = new HashSet<string>();
        var open = new Stack<string>(installed.Where(fields => fields[2] == "yes").Select(fields => fields[1]).Concat(Wanted));
        while (open.TryPop(out var name))
        {
            if (byName.TryGetValue(name, out var fields) && found.Add(fields[0]))
            {
                foreach (var choice in fields[3].Split(',').Select(choice => Names(choice.Split('|')).FirstOrDefault(byName.ContainsKey)).OfType<string>())
                {
                    open.Push(choice);
                }
            }
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary>Packages name /bin/sh where it is /usr/bin/sh: an archive names each file by where it is.</summary>
    private static string Real(string path)
    {
        var top = path.IndexOf('/', 1) is > 0 and var end ? path[..end] : null;
        return top is not null && new DirectoryInfo(top).LinkTarget is { } target ? $"/{target.Trim('/')}{path[top.Length..]}" : path;
    }

    private static IEnumerable<string> Names(IEnumerable<string> relations) =>
        relations.Select(relation => relation.Split('(')[0].Split(':')[0].Trim()).Where(name => name.Length > 0);

    /// <summary>Links that packages' scripts made: <c>awk</c>, <c>which</c>.</summary>
    private static IEnumerable<string> Alternatives() => Directory.EnumerateFiles("/usr/bin")
        .Where(path => new FileInfo(path).LinkTarget is { } target && target.StartsWith("/etc/alternatives/", StringComparison.Ordinal))
        .SelectMany(path => new[] { path, new FileInfo(path).LinkTarget! });

    private static void WriteOwn(string folder, string status)
    {
        Write("var/lib/dpkg/status", status + "\n");
        Write("var/lib/dpkg/available", "");
        Write("etc/passwd", File.ReadAllText("/usr/share/base-passwd/passwd.master") + "_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\nagent:x:1000:1000::/home/agent:/bin/bash\n");
        Write("etc/group", File.ReadAllText("/usr/share/base-passwd/group.master") + "agent:x:1000:\n");
        Write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
        Write("etc/hosts", "127.0.0.1 localhost\n");
        foreach (var name in new[] { "etc/apt/apt.conf.d", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log/apt", "var/lib/dpkg/updates", "tmp", "proc", "sys", "dev", "run", "root", "home" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        void Write(string name, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.WriteAllText(Path.Combine(folder, name), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
    }

    private static async Task<string> TextAsync(params string[] command)
    {
        var result = await ChildProcess.RunAsync(new ChildSpec(command), RunLimits.Default with { MostOutput = 64 << 20 }, default);
        return result.OutputText;
    }
}
