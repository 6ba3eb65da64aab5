using System.Security.Cryptography;
using System.Text;
using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Isolation;

/// <summary>
/// The lower layer of a sandbox that uses the host's own /usr: folders, the links of /bin and its like, and an /etc that
/// is written, not copied, but for what programs of /usr need (alternatives, the linker's cache, certificates). Shared by all sandboxes: hundreds of links are slow to make.
/// </summary>
internal static class HostRootfs
{
    public const string NotWritable = "/usr is the host's and cannot be written; take an image to install packages.";

    private const long LargestCopy = 16 << 20;

    private static readonly string[] Folders =
    [
        "boot", "dev", "etc", "etc/ssl", "etc/ssl/certs", "etc/alternatives", "etc/ld.so.conf.d", "home", "media", "mnt", "opt", "proc", "root",
        "run", "srv", "sys", "tmp", "usr", "var", "var/cache", "var/lib", "var/log", "var/mail", "var/opt", "var/spool", "var/tmp",
    ];

    private static readonly string[] Copied =
    [
        "bash.bashrc", "debian_version", "inputrc", "ld.so.cache", "ld.so.conf", "localtime", "magic", "mime.types", "profile", "protocols",
        "services", "shells", "timezone", "ssl/openssl.cnf",
    ];

    private static readonly string[] TopFolders = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

    private static readonly string[] Bundles =
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"];

    /// <summary>Folders beside /usr that the host keeps programs in, where they are not links into it.</summary>
    public static IEnumerable<string> RealTopFolders =>
        TopFolders.Where(name => new DirectoryInfo($"/{name}") is { Exists: true, LinkTarget: null });

    /// <summary>The layer for the host as it is now: made when the host's /etc has changed, else the one that is there.</summary>
    public static string Ensure(string stateFolder)
    {
        var folder = Path.Combine(stateFolder, $".host-{Fingerprint()}");
        if (!Directory.Exists(folder))
        {
            var fresh = $"{folder}.{Guid.NewGuid():N}.{MakingMark.Self}";
            Write(fresh);
            try
            {
                Directory.Move(fresh, folder);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                Directory.Delete(fresh, recursive: true); // Another process was quicker.
            }
        }

        return folder;
    }

    /// <summary>Layers that a maker who was killed has left unfinished.</summary>
    public static IEnumerable<string> Abandoned(string stateFolder) => Directory.Exists(stateFolder)
        ? Directory.EnumerateDirectories(stateFolder, ".host-*")
            .Where(folder => Path.GetFileName(folder).LastIndexOf('.') > 0 && !MakingMark.IsAlive(folder[(folder.LastIndexOf('.') + 1)..]))
        : [];

    /// <summary>What differs between two sandboxes on one host: written into the upper layer of each.</summary>
    public static IEnumerable<(string Name, string Text)> OwnFiles(string hostname, SandboxUser user)
    {
        var shell = File.Exists("/usr/bin/bash") ? "/bin/bash" : "/bin/sh";
        yield return ("passwd", $"root:x:0:0:root:/root:{shell}\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
            + $"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n{PasswdLine(user, shell)}");
        yield return ("group", $"root:x:0:\ndaemon:x:1:\ntty:x:5:\nstaff:x:50:\nusers:x:100:\nnogroup:x:65534:\n{GroupLine(user)}");
        yield return ("hosts", $"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 {hostname}\n");
        yield return ("hostname", hostname + "\n");
    }

    private static string Fingerprint()
    {
        var text = new StringBuilder("1");
        foreach (var path in Copied.Select(name => $"/etc/{name}").Concat(Bundles).Append("/etc/alternatives").Append("/etc/ld.so.conf.d"))
        {
            text.Append(path).Append(File.GetLastWriteTimeUtc(path).Ticks);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }

    private static void Write(string folder)
    {
        foreach (var name in Folders)
        {
            Directory.CreateDirectory(Path.Combine(folder, name), (UnixFileMode)0x1ED);
        }

        Check(Libc.chmod(Path.Combine(folder, "tmp"), 0x3FF));
        Check(Libc.chmod(Path.Combine(folder, "var/tmp"), 0x3FF));
        Check(Libc.chmod(Path.Combine(folder, "root"), 0x1C0));
        File.CreateSymbolicLink(Path.Combine(folder, "var/run"), "/run");
        File.CreateSymbolicLink(Path.Combine(folder, "var/lock"), "/run/lock");
        foreach (var name in RealTopFolders)
        {
            Directory.CreateDirectory(Path.Combine(folder, name), (UnixFileMode)0x1ED);
        }

        LinkTopFolders(folder);
        WriteEtc(Path.Combine(folder, "etc"));
        CopyEtc(Path.Combine(folder, "etc"));
        if (Rootless.IsEntered)
        {
            OwnAll(new DirectoryInfo(folder));
        }
    }

    private static void OwnAll(DirectoryInfo folder)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
            {
                OwnAll(inner);
            }
            else
            {
                UserNumbers.Own(entry.FullName, 0);
            }
        }

        UserNumbers.Own(folder.FullName, 0);
    }

    /// <summary>/bin, /lib and the like as on the host, when they are links into /usr.</summary>
    private static void LinkTopFolders(string folder)
    {
        foreach (var name in TopFolders)
        {
            if (new DirectoryInfo($"/{name}") is { Exists: true, LinkTarget: { } target })
            {
                Directory.CreateSymbolicLink(Path.Combine(folder, name), target);
            }
        }
    }

    private static void WriteEtc(string etc)
    {
        Text("resolv.conf", "");
        Text("nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n");
        File.CreateSymbolicLink(Path.Combine(etc, "os-release"), "../usr/lib/os-release");
        File.CreateSymbolicLink(Path.Combine(etc, "mtab"), "../proc/self/mounts");

        void Text(string name, string text) => File.WriteAllText(Path.Combine(etc, name), text);
    }

    private static string PasswdLine(SandboxUser user, string shell) =>
        user.Uid is 0 or 1 or 65534 ? "" : $"{user.Name}:x:{user.Uid}:{user.Gid}:{user.Name}:{user.Home}:{shell}\n";

    private static string GroupLine(SandboxUser user) => user.Gid is 0 or 1 or 5 or 50 or 100 or 65534 ? "" : $"{user.Name}:x:{user.Gid}:\n";

    private static void CopyEtc(string etc)
    {
        foreach (var name in Copied)
        {
            Copy($"/etc/{name}", Path.Combine(etc, name));
        }

        foreach (var file in Files("/etc/ld.so.conf.d"))
        {
            Copy(file.FullName, Path.Combine(etc, "ld.so.conf.d", file.Name));
        }

        foreach (var link in Files("/etc/alternatives").Where(file => file.LinkTarget is not null))
        {
            File.CreateSymbolicLink(Path.Combine(etc, "alternatives", link.Name), link.LinkTarget!);
        }

        if (Bundles.FirstOrDefault(File.Exists) is { } bundle)
        {
            Copy(bundle, Path.Combine(etc, "ssl/certs/ca-certificates.crt"));
        }
    }

    private static FileInfo[] Files(string folder) => Directory.Exists(folder) ? new DirectoryInfo(folder).GetFiles() : [];

    private static void Copy(string from, string to)
    {
        if (File.Exists(from) && new FileInfo(from).Length <= LargestCopy)
        {
            File.WriteAllBytes(to, File.ReadAllBytes(from)); // Not File.Copy: a link's target is meant, and times tell of the host.
        }
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw NativeException.Last("chmod");
        }
    }
}
