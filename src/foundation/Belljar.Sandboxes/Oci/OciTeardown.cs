using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Oci;

/// <summary>
/// Takes a sandbox away step by step. A mark is set first, so that what a failure or a crash leaves is known as remains
/// and not as a sandbox.
/// </summary>
internal sealed class OciTeardown(OciRuntime runtime, OciPaths paths, SubIds ids)
{
    public async Task RunAsync(string name, CancellationToken ct)
    {
        if (!Directory.Exists(paths.Folder))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(paths.DeletionMark)!, (UnixFileMode)0x1C0);
        await File.WriteAllBytesAsync(paths.DeletionMark, [], ct);
        var remains = new List<SandboxRemains>();
        Exception? first = null;
        await TryAsync(new OciStop(runtime, paths, ids).RunAsync, RuntimeRemains(name));
        if (remains.Count == 0)
        {
            await TryAsync(inner => FolderRemoval.RemoveAsync(paths.Folder, inner), FileRemains(name));
        }

        if (first is not null)
        {
            if (remains.TrueForAll(one => one.Command != FileRemains(name).Command))
            {
                remains.Add(FileRemains(name)); // Not tried: something may still write there.
            }

            throw new SandboxRemainsException(name, remains, first);
        }

        ids.FreeOf(name);
        File.Delete(paths.DeletionMark);

        async Task TryAsync(Func<CancellationToken, Task> step, SandboxRemains left)
        {
            try
            {
                await step(ct);
            }
            catch (Exception error) when (error is SandboxException or IOException or UnauthorizedAccessException or NativeException)
            {
                first ??= error;
                remains.Add(left);
            }
        }
    }

    public SandboxRemains RuntimeRemains(string name) => new(
        name, $"what runs and its control groups, known to the runtime as {name}", $"{runtime.Program} --root {paths.RuntimeRoot} delete --force {name}")
    {
        Remove = async ct => await new OciStop(runtime, paths, ids).RunAsync(ct),
    };

    public SandboxRemains FileRemains(string name) => new(name, $"its files in {paths.Folder}", FolderRemoval.Command(paths.Folder))
    {
        Remove = async ct =>
        {
            await new OciStop(runtime, paths, ids).RunAsync(ct); // What still runs would write there.
            await FolderRemoval.RemoveAsync(paths.Folder, ct);
            ids.FreeOf(name);
            File.Delete(paths.DeletionMark);
            File.Delete(paths.MakingMark);
        },
    };
}
