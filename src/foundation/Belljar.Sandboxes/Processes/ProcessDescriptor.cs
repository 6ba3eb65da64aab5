using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Processes;

/// <summary>
/// A pidfd: names one process for good, so that neither a signal nor a wait can meet a later process with the same
/// number. Waiting by it also leaves .NET's own handling of SIGCHLD alone.
/// </summary>
internal sealed unsafe class ProcessDescriptor : IDisposable
{
    private const int PidfdSendSignal = 424;
    private const int PidfdOpen = 434;
    private const int IdIsPidfd = 3;
    private const int Exited = 4;
    private const int CodeExited = 1;

    private readonly SafeFileHandle _handle;

    private ProcessDescriptor(SafeFileHandle handle)
    {
        _handle = handle;
    }

    public static ProcessDescriptor Open(int pid) =>
        TryOpen(pid) ?? throw NativeException.Last($"pidfd_open of {pid}");

    /// <returns>Null when there is no such process.</returns>
    public static ProcessDescriptor? TryOpen(int pid)
    {
        var descriptor = Libc.syscall(PidfdOpen, pid, 0, 0, 0, 0, 0);
        return descriptor < 0 ? null : new ProcessDescriptor(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <returns>False when the process has ended.</returns>
    public bool Send(Signal signal)
    {
        var held = false;
        _handle.DangerousAddRef(ref held);
        try
        {
            return Libc.syscall(PidfdSendSignal, _handle.DangerousGetHandle(), (nint)(int)signal, 0, 0, 0, 0) == 0;
        }
        finally
        {
            _handle.DangerousRelease();
        }
    }

    /// <summary>Completes when the process has ended, ours or not.</summary>
    public Task EndedAsync(CancellationToken ct) => Readiness.ReadableAsync(_handle, ct);

    /// <summary>Takes the exit status of a child that has ended: its code, or 128 and the signal that ended it.</summary>
    public int Reap()
    {
        var information = stackalloc byte[128];
        while (Libc.waitid(IdIsPidfd, (int)_handle.DangerousGetHandle(), information, Exited) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
            {
                throw NativeException.Last("waitid");
            }
        }

        var fields = new ReadOnlySpan<byte>(information, 128);
        var code = BinaryPrimitives.ReadInt32LittleEndian(fields[8..]);
        var status = BinaryPrimitives.ReadInt32LittleEndian(fields[24..]);
        return code == CodeExited ? status : 128 + status;
    }

    public void Dispose() => _handle.Dispose();
}
