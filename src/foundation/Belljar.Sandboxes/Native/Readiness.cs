using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Belljar.Sandboxes.Native;

/// <summary>
/// Waits for descriptors that .NET has no asynchronous wait for: process descriptors and terminals. One thread with one
/// epoll serves the whole process and lives as long as it.
/// </summary>
internal sealed class Readiness
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Delete = 2;
    private const uint OneShot = 1u << 30;
    private const int Batch = 64;

    private static readonly Lazy<Readiness> Shared = new(() => new Readiness());

    // struct epoll_event is packed on x86-64 only.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int Stride = DataOffset + sizeof(long);

    private readonly ConcurrentDictionary<long, TaskCompletionSource> _waits = new();
    private readonly int _epoll;
    private long _lastId;

    private Readiness()
    {
        _epoll = Libc.epoll_create1(CloseOnExec);
        if (_epoll < 0)
        {
            throw NativeException.Last("epoll_create1");
        }

        new Thread(Loop) { IsBackground = true, Name = "belljar-readiness" }.Start();
    }

    public static Task ReadableAsync(SafeHandle descriptor, CancellationToken ct) => Shared.Value.WaitAsync(descriptor, 0x1, ct);

    public static Task WritableAsync(SafeHandle descriptor, CancellationToken ct) => Shared.Value.WaitAsync(descriptor, 0x4, ct);

    private async Task WaitAsync(SafeHandle descriptor, uint events, CancellationToken ct)
    {
        var id = Interlocked.Increment(ref _lastId);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waits[id] = ready;
        var pinned = false;
        try
        {
            descriptor.DangerousAddRef(ref pinned);
            var number = (int)descriptor.DangerousGetHandle();
            Change(Add, number, events | OneShot, id);
            try
            {
                await ready.Task.WaitAsync(ct);
            }
            finally
            {
                Change(Delete, number, 0, id);
            }
        }
        finally
        {
            _waits.TryRemove(id, out _);
            if (pinned)
            {
                descriptor.DangerousRelease();
            }
        }
    }

    private unsafe void Change(int operation, int descriptor, uint events, long id)
    {
        var change = stackalloc byte[16];
        var span = new Span<byte>(change, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(span, events);
        BinaryPrimitives.WriteInt64LittleEndian(span[DataOffset..], id);
        if (Libc.epoll_ctl(_epoll, operation, descriptor, change) != 0)
        {
            throw NativeException.Last("epoll_ctl");
        }
    }

    private unsafe void Loop()
    {
        var buffer = new byte[Batch * Stride];
        fixed (byte* events = buffer)
        {
            while (true)
            {
                var count = Libc.epoll_wait(_epoll, events, Batch, -1);
                for (var i = 0; i < count; i++)
                {
                    var id = BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan((i * Stride) + DataOffset));
                    if (_waits.TryGetValue(id, out var ready))
                    {
                        ready.TrySetResult();
                    }
                }
            }
        }
    }
}
