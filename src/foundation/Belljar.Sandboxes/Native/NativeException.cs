using System.Runtime.InteropServices;

namespace Belljar.Sandboxes.Native;

/// <summary>A system call failed. The message names the call and what it was about, never content.</summary>
public sealed class NativeException(string what, int errorNumber)
    : IOException($"{what}: {Marshal.GetPInvokeErrorMessage(errorNumber)}")
{
    /// <summary>The value of <c>errno</c>.</summary>
    public int ErrorNumber { get; } = errorNumber;

    /// <summary>The failure of the call that was made last on this thread.</summary>
    internal static NativeException Last(string what) => new(what, Marshal.GetLastPInvokeError());
}
