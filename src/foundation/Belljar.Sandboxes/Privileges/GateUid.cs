namespace Belljar.Sandboxes.Privileges;

/// <summary>
/// A user number that no other live session has, so that one session's gate cannot signal, trace or read another's. Held by a
/// lock on a file, which ends with the process that holds it, however it ends.
/// </summary>
public sealed class GateUid : IDisposable
{
    private readonly FileStream _lock;

    private GateUid(int uid, FileStream held)
    {
        Uid = uid;
        _lock = held;
    }

    public int Uid { get; }

    /// <param name="folder">For the locks; one for the whole machine: <c>/run/belljar/uids</c>.</param>
    /// <exception cref="IOException">All numbers are in use.</exception>
    public static GateUid Take(string folder)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        for (var uid = ServiceUser.FirstGateUid; uid <= ServiceUser.LastGateUid; uid++)
        {
            try
            {
                // FileShare.None is flock(LOCK_EX): the file stays, so that two takers never lock two files of one name.
                return new GateUid(uid, new FileStream(Path.Combine(folder, $"{uid}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                // Another session's.
            }
        }

        throw new IOException($"All user numbers for gates are in use (locks are in {folder}).");
    }

    public void Dispose() => _lock.Dispose();
}
