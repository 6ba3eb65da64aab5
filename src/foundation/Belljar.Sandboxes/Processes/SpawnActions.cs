using System.Runtime.InteropServices;
using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Processes;

/// <summary>
/// The descriptor table of a child, as file actions of posix_spawn. Every source is first duplicated above all targets,
/// so that the order of the <c>dup2</c> calls cannot overwrite one that is still needed.
/// </summary>
internal sealed unsafe class SpawnActions : IDisposable
{
    private const int OpaqueSize = 512; // posix_spawn_file_actions_t: 80 bytes in glibc.
    private const int DuplicateCloseOnExec = 1030;
    private const int ReadWrite = 2;

    private readonly byte* _actions = (byte*)NativeMemory.AllocZeroed(OpaqueSize);
    private readonly List<int> _duplicates = [];
    private readonly HashSet<int> _targets = [0, 1, 2];
    private readonly int _highest;

    public SpawnActions(IEnumerable<int> extraTargets)
    {
        Check(Libc.posix_spawn_file_actions_init(_actions), "posix_spawn_file_actions_init");
        foreach (var target in extraTargets)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(target, 3);
            _targets.Add(target);
        }

        _highest = _targets.Max();
    }

    public byte* Pointer => _actions;

    public void Map(SafeHandle source, int target)
    {
        var held = false;
        source.DangerousAddRef(ref held);
        try
        {
            Map((int)source.DangerousGetHandle(), target);
        }
        finally
        {
            source.DangerousRelease();
        }
    }

    public void Map(int source, int target)
    {
        var duplicate = Libc.fcntl(source, DuplicateCloseOnExec, _highest + 1);
        if (duplicate < 0)
        {
            throw NativeException.Last($"descriptor {source} for the child's {target}");
        }

        _duplicates.Add(duplicate);
        Check(Libc.posix_spawn_file_actions_adddup2(_actions, duplicate, target), "posix_spawn_file_actions_adddup2");
    }

    public void Same(int source, int target) =>
        Check(Libc.posix_spawn_file_actions_adddup2(_actions, source, target), "posix_spawn_file_actions_adddup2");

    /// <summary>Without O_NOCTTY: the leader of a new session that opens a terminal gets it as the controlling one.</summary>
    public void Open(int target, string path) =>
        Check(Libc.posix_spawn_file_actions_addopen(_actions, target, path, ReadWrite, 0), "posix_spawn_file_actions_addopen");

    public void ChangeDirectory(string path) =>
        Check(Libc.posix_spawn_file_actions_addchdir_np(_actions, path), "posix_spawn_file_actions_addchdir_np");

    /// <summary>Last: whatever a library opened without close-on-exec stays out of the child.</summary>
    public void CloseTheRest()
    {
        for (var descriptor = 3; descriptor < _highest; descriptor++)
        {
            if (!_targets.Contains(descriptor))
            {
                Check(Libc.posix_spawn_file_actions_addclose(_actions, descriptor), "posix_spawn_file_actions_addclose");
            }
        }

        Check(Libc.posix_spawn_file_actions_addclosefrom_np(_actions, _highest + 1), "posix_spawn_file_actions_addclosefrom_np");
    }

    public void Dispose()
    {
        _ = Libc.posix_spawn_file_actions_destroy(_actions);
        NativeMemory.Free(_actions);
        foreach (var duplicate in _duplicates)
        {
            _ = Libc.close(duplicate);
        }
    }

    internal static void Check(int error, string call)
    {
        if (error != 0)
        {
            throw new NativeException(call, error);
        }
    }
}
