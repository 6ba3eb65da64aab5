using Belljar.Sandboxes.Processes;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Oci;

/// <summary>
/// A user namespace with a sandbox's numbers, for showing files with its owners. Made by a tiny program, since a process
/// with many threads cannot enter one; the descriptor keeps it when that program has ended.
/// </summary>
internal static class OwnerMapping
{
    public static async Task<SafeFileHandle> OpenAsync(string program, uint idBase, CancellationToken ct)
    {
        await using var holder = ChildProcess.Start(new ChildSpec(program) { Output = ChildStream.Pipe });
        await holder.Output!.ReadExactlyAsync(new byte[1], ct);
        var line = $"0 {idBase} {SubIds.RangeSize}";
        await File.WriteAllTextAsync($"/proc/{holder.Pid}/uid_map", line, ct);
        await File.WriteAllTextAsync($"/proc/{holder.Pid}/gid_map", line, ct);
        return File.OpenHandle($"/proc/{holder.Pid}/ns/user");
    }
}
