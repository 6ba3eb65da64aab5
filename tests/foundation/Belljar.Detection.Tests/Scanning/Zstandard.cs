using System.Runtime.InteropServices;

namespace Belljar.Detection.Tests.Scanning;

/// <summary>libzstd's compressor. Every Debian has the library: its package manager needs it.</summary>
internal static partial class Zstandard
{
    private const string Library = "libzstd.so.1";
    private const int Fast = 1;

    public static unsafe byte[] Compress(byte[] bytes)
    {
        var output = new byte[(int)ZSTD_compressBound((nuint)bytes.Length)];
        fixed (byte* from = bytes, to = output)
        {
            return output[..(int)ZSTD_compress((nint)to, (nuint)output.Length, (nint)from, (nuint)bytes.Length, Fast)];
        }
    }

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compressBound(nuint size);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compress(nint output, nuint capacity, nint input, nuint size, int level);
}
