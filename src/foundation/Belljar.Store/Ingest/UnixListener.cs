using System.Net.Sockets;
using System.Text;

namespace Belljar.Store.Ingest;

/// <summary>
/// A listening Unix socket. A lock file beside it, held as long as it lives, tells a socket that a killed process left
/// behind from one that is in use.
/// </summary>
internal sealed class UnixListener : IDisposable
{
    private const int LongestPath = 107;
    private const int Backlog = 64;

    private readonly FileStream _lock;
    private readonly string _path;

    private UnixListener(FileStream lockFile, string path, Socket socket)
    {
        _lock = lockFile;
        _path = path;
        Socket = socket;
    }

    public Socket Socket { get; }

    /// <exception cref="StoreException">Another process listens there, or the path cannot be used.</exception>
    public static UnixListener Bind(string path, UnixFileMode mode, int? group)
    {
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            throw new StoreException($"The socket path {path} is longer than {LongestPath} bytes. Choose a shorter run directory.");
        }

        var lockFile = Lock(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));

            // Before listen: until then nobody can connect, whatever the umask left open.
            File.SetUnixFileMode(path, mode);
            if (group is { } gid)
            {
                Posix.ChangeGroup(path, gid);
            }

            socket.Listen(Backlog);
            return new UnixListener(lockFile, path, socket);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            lockFile.Dispose();
            throw new StoreException($"{path} cannot be listened on: {e.Message}. Check that its directory exists and belongs to the recorder's user.", e);
        }
    }

    public void Dispose()
    {
        // The file goes while the lock is still held: afterwards it may be a successor's.
        File.Delete(_path);
        Socket.Dispose();
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"{path}.lock cannot be taken: {e.Message} Either another recorder serves this socket, or its directory is missing or not ours.", e);
        }
    }
}
