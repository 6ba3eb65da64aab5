namespace Belljar.Sandboxes.Native;

/// <summary>The error numbers that the code tells apart (the same on x86-64 and arm64).</summary>
internal static class Errno
{
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int NoChild = 10;
    public const int Again = 11;
    public const int Access = 13;
    public const int Exists = 17;
    public const int NotADirectory = 20;
    public const int IsADirectory = 21;
    public const int Loop = 40;
    public const int NoDeviceOrAddress = 6;
}
