using System.Runtime.InteropServices;

namespace Belljar.Detection.Decoding;

/// <summary>
/// Reads a Zstandard stream (RFC 8878) with the system's libzstd, which .NET has no equal of. The window, and so the memory,
/// is bounded to 8 MiB, as RFC 9659 has it for everything that is sent.
/// </summary>
public sealed partial class ZstdStream : Stream
{
    private const string Library = "libzstd.so.1";
    private const int WindowLogMax = 100; // Of ZSTD_dParameter.
    private const int MostWindow = 23;
    private const int WindowTooLarge = 16; // Of ZSTD_ErrorCode.

    private readonly Stream _source;
    private readonly Context _context;
    private readonly byte[] _input = new byte[16 * 1024];
    private int _start;
    private int _end;
    private bool _isFrameOpen;

    /// <exception cref="NotSupportedException">The library is not there.</exception>
    public ZstdStream(Stream source)
    {
        if (!IsAvailable)
        {
            throw new NotSupportedException("Zstandard data cannot be read: libzstd.so.1 is not installed");
        }

        _source = source;
        _context = ZSTD_createDStream();
        ZSTD_DCtx_setParameter(_context, WindowLogMax, MostWindow);
    }

    /// <summary>Whether the library is there.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, out _);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">It is no Zstandard stream, or it was cut off.</exception>
    /// <exception cref="NotSupportedException">It needs a larger window.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // Asked also without new input: what the last input gave may not have fitted.
            var count = Decompress(buffer.Span);
            if (count > 0)
            {
                return count;
            }

            if (!Take(await _source.ReadAsync(_input, cancellationToken)))
            {
                return 0;
            }
        }
    }

    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)"/>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            var count = Decompress(buffer);
            if (count > 0 || !Take(_source.Read(_input)))
            {
                return count;
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _context.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <returns>False: the source has ended.</returns>
    private bool Take(int count)
    {
        (_start, _end) = (0, count);
        return count > 0 || (_isFrameOpen ? throw new InvalidDataException("The Zstandard stream was cut off.") : false);
    }

    private unsafe int Decompress(Span<byte> output)
    {
        fixed (byte* from = _input, to = output)
        {
            var input = new Buffer { Bytes = (nint)from, Size = (nuint)_end, Position = (nuint)_start };
            var target = new Buffer { Bytes = (nint)to, Size = (nuint)output.Length };
            do
            {
                var before = input.Position;
                var result = ZSTD_decompressStream(_context, ref target, ref input);
                if (ZSTD_isError(result) != 0)
                {
                    throw ZSTD_getErrorCode(result) == WindowTooLarge
                        ? new NotSupportedException("the Zstandard stream needs a larger window than 8 MiB")
                        : new InvalidDataException("It is no Zstandard stream.");
                }

                // 0: a frame ended. Another may follow, but none has begun while nothing of it was taken.
                _isFrameOpen = result != 0 && (_isFrameOpen || input.Position > before);
            }
            while (target.Position == 0 && input.Position < input.Size);

            _start = (int)input.Position;
            return (int)target.Position;
        }
    }

    [LibraryImport(Library)]
    private static partial Context ZSTD_createDStream();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeDStream(nint context);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_decompressStream(Context context, ref Buffer output, ref Buffer input);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_DCtx_setParameter(Context context, int parameter, int value);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    private static partial int ZSTD_getErrorCode(nuint code);

    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public nint Bytes;
        public nuint Size;
        public nuint Position;
    }

    private sealed class Context() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            ZSTD_freeDStream(handle);
            return true;
        }
    }
}
