namespace Belljar.Hosting;

/// <summary>Says who owns a name: a file beside it, locked for as long as the owner lives, whichever way it ends.</summary>
public sealed class SocketLock : IDisposable
{
    private readonly FileStream _file;

    private SocketLock(FileStream file) => _file = file;

    /// <exception cref="OperatorException">A living process owns it.</exception>
    public static SocketLock Take(string path) =>
        TryTake(path) ?? throw new OperatorException($"{path} is served by another process; stop that one first.");

    /// <returns>Null when a living process owns it.</returns>
    public static SocketLock? TryTake(string path)
    {
        try
        {
            // FileShare.None is an flock(2) on Unix: the kernel gives it back when the process dies.
            return new SocketLock(new FileStream(path + ".lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (IOException held) when (held is not (DirectoryNotFoundException or FileNotFoundException))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
