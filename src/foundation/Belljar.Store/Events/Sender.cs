using System.Runtime.InteropServices;

namespace Belljar.Store.Events;

/// <summary>Who handed an event in: stamped by the recorder from the connection, never from the data.</summary>
/// <param name="Uid">The user of the process that connected.</param>
/// <param name="Pid">That process; 0 where it no longer lives (events found in its spool).</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Sender(int Uid, int Pid);
