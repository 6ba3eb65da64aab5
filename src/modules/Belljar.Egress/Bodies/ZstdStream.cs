using System.Runtime.InteropServices;

namespace Belljar.Egress.Bodies;

/// <summary>
/// Reads a Zstandard stream (RFC 8878) with the system's libzstd, which .NET has no equal of. The window is bounded by the
/// library to 128 MiB; a longer one is bad data.
/// </summary>
internal sealed partial class ZstdStream : Stream
{
    private const string Library = "libzstd.so.1";

    private readonly Stream _source;
    private readonly Context _context = ZSTD_createDStream();
    private readonly byte[] _input = new byte[16 * 1024];
    private int _start;
    private int _end;
    private bool _isFrameOpen;

    public ZstdStream(Stream source) => _source = source;

    /// <summary>Whether the library is there.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, out _);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">It is no Zstandard stream, or it was cut off.</exception>
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

            (_start, _end) = (0, await _source.ReadAsync(_input, cancellationToken));
            if (_end == 0)
            {
                return _isFrameOpen ? throw new InvalidDataException("The Zstandard stream was cut off.") : 0;
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
                    throw new InvalidDataException("It is no Zstandard stream.");
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
    private static partial uint ZSTD_isError(nuint code);

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
