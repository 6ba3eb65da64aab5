using System.ComponentModel;
using System.Net.Sockets;
using System.Text;

namespace Belljar.Contracts.Wire;

/// <summary>
/// The file of a listening Unix socket. Whoever serves it holds a lock (flock) on <c>PATH.lock</c> for as long as it
/// does; the kernel frees that with the process, so under it a socket left by a killed one can be told from a live one
/// and unlinked without a race. The lock's file itself stays: to remove it would be a race.
/// </summary>
public sealed class SocketFile : IDisposable
{
    private const int Backlog = 128;
    private const int LongestPath = 107;

    private readonly string _path;
    private readonly FileStream _lock;

    private SocketFile(string path, FileStream @lock)
    {
        (_path, _lock) = (path, @lock);
        Listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    }

    public Socket Listener { get; }

    /// <param name="path">At most 107 bytes; its folder exists.</param>
    /// <param name="mode">The file's mode, which says who may connect; in force before anybody can.</param>
    /// <param name="group">The group that owns the file; null leaves it to the process's own.</param>
    /// <exception cref="IOException">It is served already, or cannot be made; the message says what to do.</exception>
    public static SocketFile Listen(string path, UnixFileMode mode, uint? group = null)
    {
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            throw new IOException($"The path of a Unix socket has at most {LongestPath} bytes; choose a shorter one than '{path}'.");
        }

        var file = new SocketFile(path, Lock(path));
        try
        {
            file.Bind(mode, group);
            return file;
        }
        catch (Exception problem)
        {
            file._lock.Dispose();
            file.Listener.Dispose();
            throw problem is IOException ? problem : new IOException($"Cannot listen on {path}: {problem.Message}", problem);
        }
    }

    /// <summary>Removes the socket: a client that connects now sees at once that nobody serves it.</summary>
    public void Close()
    {
        Listener.Dispose();
        try
        {
            File.Delete(_path);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody removed the whole folder.
        }
    }

    /// <summary>Lets go of the lock too.</summary>
    public void Dispose()
    {
        Close();
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            // Readable by the owner alone: whoever can open it can hold its lock, and keep the bus from starting.
            return new FileStream(path + ".lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (DirectoryNotFoundException missing)
        {
            throw new IOException($"The folder of {path} does not exist: create it, owned by the service user.", missing);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"This user may not write {path}.lock: run as the owner of its folder.", denied);
        }
        catch (IOException held)
        {
            throw InUse(path, held);
        }
    }

    private static IOException InUse(string path, Exception cause) =>
        new($"{path} is served by another process: stop that one first, or choose another path.", cause);

    private void Bind(UnixFileMode mode, uint? group)
    {
        RemoveStale();
        var address = new UnixDomainSocketEndPoint(_path);
        Listener.Bind(address);

        // Between bind and listen nobody can connect, so there is no moment with a mode or a group that is too wide.
        File.SetUnixFileMode(_path, mode);
        if (group is { } owner)
        {
            SetGroup(owner);
        }

        Listener.Listen(Backlog);
    }

    private void SetGroup(uint group)
    {
        try
        {
            UnixFile.SetGroup(_path, group);
        }
        catch (Win32Exception problem)
        {
            throw new IOException($"Cannot give {_path} to group {group}: {problem.Message}. Start as root or as a member.", problem);
        }
    }

    /// <summary>Held by nobody who takes the lock; but look whether somebody else answers, and never remove what is no socket.</summary>
    private void RemoveStale()
    {
        if (UnixFile.Look(_path) is not { } found)
        {
            return;
        }

        if (!found.IsSocket)
        {
            throw new IOException($"{_path} is there and is no socket: remove it, or choose another path.");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(_path));
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionRefused)
        {
            File.Delete(_path);
            return;
        }
        catch (SocketException unclear)
        {
            throw InUse(_path, unclear);
        }

        throw InUse(_path, new SocketException((int)SocketError.AddressAlreadyInUse));
    }
}
