using System.Runtime.InteropServices;

namespace Belljar.Sandboxes.Native;

internal static unsafe partial class Libc
{
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(int descriptor, int command, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int flock(SafeHandle descriptor, int operation);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int syncfs(SafeHandle descriptor);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(SafeHandle descriptor, byte* buffer, nint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(SafeHandle descriptor, byte* buffer, nint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(SafeHandle descriptor, nuint request, void* argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int tcgetattr(SafeHandle terminal, byte* settings);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int tcsetattr(SafeHandle terminal, int when, byte* settings);

    [LibraryImport(Library)]
    public static partial void cfmakeraw(byte* settings);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int posix_openpt(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int grantpt(SafeHandle master);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int unlockpt(SafeHandle master);

    [LibraryImport(Library)]
    public static partial int ptsname_r(SafeHandle master, byte* buffer, nint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* change);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_wait(int epoll, byte* events, int capacity, int milliseconds);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recvmsg(SafeHandle socket, void* message, int flags);
}
