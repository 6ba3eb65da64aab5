using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tiny;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Isolation;

/// <summary>
/// The process that keeps a user's namespace. When it was killed, the namespace lives on in what was started in it; then
/// it is looked for there, so that those are not lost to the user's later commands.
/// </summary>
internal static class UserNamespaceHolder
{
    private const nuint GetParent = 0xB702; // NS_GET_PARENT, ioctl_ns(2)
    private const int GivenDescriptor = 3;

    /// <returns>Null when none is noted, or it has ended.</returns>
    public static InitProcess? Read(string note) => Fields(note) is [var pid, var start, _]
        && new InitProcess(int.Parse(pid, CultureInfo.InvariantCulture), ulong.Parse(start, CultureInfo.InvariantCulture)) is { IsAlive: true } holder
        ? holder
        : null;

    /// <summary>Starts one, in the namespace that was noted last where that still lives, else in a new one, and notes it.</summary>
    public static async Task<InitProcess> StartAsync(string folder, string note, CancellationToken ct)
    {
        var program = Path.Combine(folder, ".hold");
        TinyPrograms.Write(program, TinyPrograms.HoldFor(RuntimeInformation.ProcessArchitecture));
        using var former = Fields(note) is [_, _, var name] ? Find(name) : null;
        await using var child = ChildProcess.Start(new ChildSpec(former is null
            ? Rootless.InNewNamespace([program])
            : ["nsenter", "--preserve-credentials", $"--user=/proc/self/fd/{GivenDescriptor}", "--", program])
        {
            Descriptors = former is null ? new Dictionary<int, SafeHandle>() : new Dictionary<int, SafeHandle> { [GivenDescriptor] = former },
            Output = ChildStream.Pipe,
            Error = ChildStream.Pipe,
        });
        if (await child.Output!.ReadAsync(new byte[1], ct) == 0 || InitProcess.Of(child.Pid) is not { } holder)
        {
            using var words = new StreamReader(child.Error!, Encoding.UTF8);
            throw new SandboxException($"No user namespace can be made: {(await words.ReadToEndAsync(ct)).Trim()}");
        }

        var fresh = $"{note}.new";
        await File.WriteAllTextAsync(fresh, string.Create(CultureInfo.InvariantCulture, $"{holder.Pid} {holder.StartTime} {NameOf($"/proc/{holder.Pid}/ns/user")}"), ct);
        File.Move(fresh, note, overwrite: true);
        child.Release();
        return holder;
    }

    private static string[]? Fields(string note) => File.Exists(note) ? File.ReadAllText(note).Split(' ') : null;

    /// <summary>A namespace by its name, among those that processes are in and the ones above those.</summary>
    private static SafeFileHandle? Find(string name)
    {
        foreach (var process in ProcessStatus.All())
        {
            var descriptor = Libc.open($"/proc/{process.Pid}/ns/user", 0x80000, 0); // O_CLOEXEC
            if (descriptor < 0)
            {
                continue; // Another user's, or it has ended.
            }

            var own = new SafeFileHandle(descriptor, ownsHandle: true);
            if (NameOf(own) == name)
            {
                return own;
            }

            using (own)
            {
                if (Above(own) is { } above)
                {
                    if (NameOf(above) == name)
                    {
                        return above;
                    }

                    above.Dispose();
                }
            }
        }

        return null;
    }

    private static unsafe SafeFileHandle? Above(SafeFileHandle space)
    {
        var descriptor = Libc.ioctl(space, GetParent, null);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static string? NameOf(SafeFileHandle space) => NameOf($"/proc/self/fd/{space.DangerousGetHandle()}");

    private static string? NameOf(string path) => new FileInfo(path).LinkTarget;
}
