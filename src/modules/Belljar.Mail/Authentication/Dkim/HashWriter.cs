using System.Buffers;
using System.Security.Cryptography;

namespace Belljar.Mail.Authentication.Dkim;

/// <summary>Gathers small pieces before they are hashed; large ones pass through uncopied. Ends at a length where there is one (l=).</summary>
internal sealed class HashWriter : IDisposable
{
    private readonly IncrementalHash _hash;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(8192);
    private long _left;
    private int _used;

    public HashWriter(HashAlgorithmName algorithm, long length = long.MaxValue)
    {
        _hash = IncrementalHash.CreateHash(algorithm);
        _left = length;
    }

    /// <summary>How much of the length was not reached.</summary>
    public long Left => _left;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.Length > _left ? bytes[..(int)_left] : bytes;
        _left -= bytes.Length;
        if (bytes.Length > _buffer.Length - _used)
        {
            Flush();
            if (bytes.Length > _buffer.Length)
            {
                _hash.AppendData(bytes);
                return;
            }
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    public byte[] Finish()
    {
        Flush();
        return _hash.GetHashAndReset();
    }

    public void Dispose()
    {
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _used);
        _used = 0;
    }
}
