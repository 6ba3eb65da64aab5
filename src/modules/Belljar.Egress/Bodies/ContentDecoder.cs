using System.Buffers;
using System.IO.Compression;
using Belljar.Detection.Decoding;

namespace Belljar.Egress.Bodies;

/// <summary>
/// Undoes content codings (RFC 9110 §8.4) while a body streams: all that can be decoded from what came is given at once.
/// The decoders of .NET pull; here they pull from a feed that never blocks a thread: when it is empty they are simply left
/// waiting, and the next bytes wake them where they stand.
/// </summary>
internal sealed class ContentDecoder : IDisposable
{
    /// <summary>More codings over each other than this only cost time.</summary>
    private const int Deepest = 3;

    private readonly Feed _feed = new();
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Task<int>? _reading;
    private bool _hasEnded;

    private ContentDecoder(IEnumerable<string> codings)
    {
        _stream = _feed;
        foreach (var coding in codings.Reverse())
        {
            _stream = coding switch
            {
                "gzip" or "x-gzip" => new GZipStream(_stream, CompressionMode.Decompress),
                "deflate" => new ZLibStream(_stream, CompressionMode.Decompress),
                "zstd" => new ZstdStream(_stream),
                _ => new BrotliStream(_stream, CompressionMode.Decompress),
            };
        }
    }

    /// <summary>What a request may say that it accepts, where the answer has to be read.</summary>
    public static bool Knows(string coding) => coding is "gzip" or "x-gzip" or "deflate" or "br" || (coding is "zstd" && ZstdStream.IsAvailable);

    /// <param name="value">Of Content-Encoding; empty for none.</param>
    /// <param name="decoder">Null when there is nothing to undo.</param>
    /// <returns>False for a coding that cannot be undone here.</returns>
    public static bool TryCreate(string value, out ContentDecoder? decoder)
    {
        decoder = null;
        var codings = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(coding => coding.ToLowerInvariant())
            .Where(coding => coding != "identity")
            .ToList();
        if (codings.Count > Deepest || !codings.TrueForAll(Knows))
        {
            return false;
        }

        decoder = codings.Count == 0 ? null : new ContentDecoder(codings);
        return true;
    }

    /// <param name="isLast">No more bytes will come.</param>
    /// <exception cref="InvalidDataException">The bytes are not what the coding says.</exception>
    public void Decode(ReadOnlySpan<byte> bytes, bool isLast, IBufferWriter<byte> output)
    {
        _feed.Add(bytes.ToArray(), isLast);
        while (!_hasEnded)
        {
            _reading ??= _stream.ReadAsync(_buffer).AsTask();
            if (!_reading.IsCompleted)
            {
                return;
            }

            var count = Result(_reading);
            _reading = null;
            _hasEnded = count == 0;
            output.Write(_buffer.AsSpan(0, count));
        }
    }

    public void Dispose()
    {
        _feed.Add([], isLast: true);
        if (_reading is null or { IsCompleted: true })
        {
            _stream.Dispose();
        }
    }

    private static int Result(Task<int> completed)
    {
        try
        {
            return completed.GetAwaiter().GetResult();
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException("The body is not what its Content-Encoding says.", error); // Brotli says it this way.
        }
        catch (NotSupportedException error)
        {
            throw new InvalidDataException("The body cannot be decoded here.", error); // A window beyond RFC 9659's bound.
        }
    }

    /// <summary>Gives what it has; asked for more than that, it completes when more comes.</summary>
    private sealed class Feed : Stream
    {
        private ReadOnlyMemory<byte> _bytes;
        private bool _isLast;

        // Continuations run where Add is called: that is the point.
        private TaskCompletionSource<int>? _asked;
        private Memory<byte> _wanted;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Add(byte[] bytes, bool isLast)
        {
            _bytes = _bytes.IsEmpty ? bytes : (byte[])[.. _bytes.Span, .. bytes];
            _isLast |= isLast;
            if (_asked is { } asked && (!_bytes.IsEmpty || _isLast))
            {
                _asked = null;
                asked.SetResult(Take(_wanted));
            }
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_bytes.IsEmpty || _isLast || buffer.IsEmpty)
            {
                return new(Take(buffer));
            }

            (_asked, _wanted) = (new TaskCompletionSource<int>(), buffer);
            return new(_asked.Task);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        private int Take(Memory<byte> buffer)
        {
            var count = Math.Min(buffer.Length, _bytes.Length);
            _bytes[..count].CopyTo(buffer);
            _bytes = _bytes[count..];
            return count;
        }
    }
}
