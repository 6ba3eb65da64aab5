namespace Belljar.Egress.Gate;

/// <summary>
/// Gives memory back when nothing happens. The runtime collects when something is allocated, so what a burst, or the
/// making of the rules, has left behind would stay for as long as the gate is quiet; and there is one gate for each session.
/// </summary>
internal sealed class MemoryTrim
{
    private const long Worth = 8 << 20;
    private const int QuietBeats = 2;

    private long _allocated;
    private long _trimmed;
    private int _quiet;

    /// <summary>Once a second. Allocations of less than a mebibyte are no work.</summary>
    public void Beat()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        _quiet = allocated - _allocated < 1 << 20 ? _quiet + 1 : 0;
        _allocated = allocated;
        if (_quiet >= QuietBeats && allocated - _trimmed > Worth)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _trimmed = GC.GetTotalAllocatedBytes();
        }
    }
}
