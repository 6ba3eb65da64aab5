using System.Security.Cryptography;
using System.Text;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Packages;

/// <summary>
/// Two packages with what makes installing them hard in a sandbox: files of other owners, a program that takes a group's
/// rights, scripts that add a user, change owners and ask the package system, a dependency, a configuration file.
/// </summary>
internal static class AptRepository
{
    private const string AddUser = """
        #!/bin/sh
        set -e
        if [ "$1" = configure ]; then
            adduser --system --group --home /var/lib/bj-service --no-create-home bj-daemon
            chown -R bj-daemon:bj-daemon /var/lib/bj-service
            chmod 2750 /var/lib/bj-service
            dpkg-statoverride --update --add bj-daemon root 0640 /etc/bj-service.conf
            setpriv --reuid=bj-daemon --regid=bj-daemon --init-groups touch /var/lib/bj-service/made-by-the-daemon
        fi
        """;

    private const string RemoveUser = """
        #!/bin/sh
        set -e
        if [ "$1" = purge ]; then
            dpkg-statoverride --remove /etc/bj-service.conf || true
            deluser --system bj-daemon
            rm -rf /var/lib/bj-service
        fi
        """;

    /// <returns>The mirror's files below <c>/apt/</c>.</returns>
    public static async Task<Dictionary<string, byte[]>> BuildAsync(CancellationToken ct)
    {
        using var folder = new TemporaryFolder();
        Script(folder["bj-service/DEBIAN/postinst"], AddUser);
        Script(folder["bj-service/DEBIAN/postrm"], RemoveUser);
        Text(folder["bj-service/DEBIAN/conffiles"], "/etc/bj-service.conf\n");
        Text(folder["bj-service/etc/bj-service.conf"], "port = 1\n");
        Directory.CreateDirectory(folder["bj-service/var/lib/bj-service"]);
        Script(folder["bj-base/usr/bin/bj-tool"], "#!/bin/sh\necho the tool works\n");
        File.CreateSymbolicLink(folder["bj-base/usr/bin/bj-link"], "bj-tool");
        Text(folder["bj-base/var/games/bj-scores"], "0\n");
        await RunAsync("chown", "5:60", folder["bj-base/var/games/bj-scores"]); // games:games
        File.SetUnixFileMode(folder["bj-base/var/games/bj-scores"], (UnixFileMode)0x1B4);
        await RunAsync("chown", "0:8", folder["bj-base/usr/bin/bj-tool"]); // root:mail
        File.SetUnixFileMode(folder["bj-base/usr/bin/bj-tool"], (UnixFileMode)0x5ED); // 2755

        var files = new Dictionary<string, byte[]>();
        var index = new StringBuilder();
        await AddAsync("bj-base", "Architecture: all\n");
        await AddAsync("bj-service", "Architecture: all\nDepends: bj-base (>= 1.0), adduser\n");
        files["/apt/Packages"] = Encoding.ASCII.GetBytes(index.ToString());
        return files;

        async Task AddAsync(string name, string fields)
        {
            var control = $"Package: {name}\nVersion: 1.0\nMaintainer: Nobody <nobody@example.com>\n{fields}Description: for a test\n";
            Text(folder[$"{name}/DEBIAN/control"], control);
            await RunAsync("dpkg-deb", "--build", folder[name], folder[$"{name}.deb"]);
            var bytes = await File.ReadAllBytesAsync(folder[$"{name}.deb"], ct);
            files[$"/apt/{name}.deb"] = bytes;
            index.Append(control).Append($"Filename: ./{name}.deb\nSize: {bytes.Length}\nSHA256: {Convert.ToHexStringLower(SHA256.HashData(bytes))}\n\n");
        }

        async Task RunAsync(params string[] command)
        {
            var result = await ChildProcess.RunAsync(new ChildSpec(command), RunLimits.Default, ct);
            Assert.True(result.Succeeded, result.ErrorText);
        }
    }

    private static void Script(string path, string text)
    {
        Text(path, text + "\n");
        File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
    }

    private static void Text(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
