using System.Runtime.InteropServices;
using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Processes;

/// <summary>
/// Group, session and signals of a child. Dispositions and mask are put back to the default: .NET ignores SIGPIPE, and
/// an ignored signal would stay ignored across exec.
/// </summary>
internal sealed unsafe class SpawnAttributes : IDisposable
{
    private const int OpaqueSize = 512; // posix_spawnattr_t: 336 bytes in glibc and musl.
    private const int SignalSetSize = 128;
    private const int SetGroup = 0x02;
    private const int SetSignalDefaults = 0x04;
    private const int SetSignalMask = 0x08;
    private const int SetSession = 0x80;

    private readonly byte* _attributes = (byte*)NativeMemory.AllocZeroed(OpaqueSize);

    public SpawnAttributes(ChildGrouping grouping)
    {
        SpawnActions.Check(Libc.posix_spawnattr_init(_attributes), "posix_spawnattr_init");
        var signals = stackalloc byte[SignalSetSize];
        _ = Libc.sigemptyset(signals);
        SpawnActions.Check(Libc.posix_spawnattr_setsigmask(_attributes, signals), "posix_spawnattr_setsigmask");
        _ = Libc.sigfillset(signals);
        SpawnActions.Check(Libc.posix_spawnattr_setsigdefault(_attributes, signals), "posix_spawnattr_setsigdefault");
        SpawnActions.Check(Libc.posix_spawnattr_setpgroup(_attributes, 0), "posix_spawnattr_setpgroup");
        var group = grouping switch
        {
            ChildGrouping.OwnSession => SetSession,
            ChildGrouping.OwnGroup => SetGroup,
            _ => 0,
        };
        SpawnActions.Check(Libc.posix_spawnattr_setflags(_attributes, (short)(SetSignalDefaults | SetSignalMask | group)), "posix_spawnattr_setflags");
    }

    public byte* Pointer => _attributes;

    public void Dispose()
    {
        _ = Libc.posix_spawnattr_destroy(_attributes);
        NativeMemory.Free(_attributes);
    }
}
