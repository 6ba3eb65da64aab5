using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Belljar.Store.Events;

namespace Belljar.Store.Audit;

/// <summary>
/// One link's hash: SHA-256 over the previous hash and the canonical bytes of the event. Canonical means: a version byte,
/// then every field in fixed order, integers big-endian, texts behind their length (−1 for none), so that no two events
/// have the same bytes. Changing this order breaks every chain in the field: add a version instead.
/// </summary>
internal sealed class AuditLink
{
    public const int HashBytes = 32;

    private const byte Version = 1;

    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>The hash that the first link continues.</summary>
    public static byte[] Genesis => new byte[HashBytes];

    public byte[] HashOf(ReadOnlySpan<byte> previous, in StoredEvent stored)
    {
        var e = stored.Event;
        _length = 0;
        Add(previous);
        Add([Version]);
        Add(stored.Seq);
        Span<byte> id = stackalloc byte[16];
        e.Id.TryWriteBytes(id, bigEndian: true, out _);
        Add(id);
        Add(EventTime.ToColumn(e.Time));
        Add(e.Kind);
        Add((long)e.Severity);
        Add(e.Host);
        Add(e.Session);
        Add(e.Attacker);
        Add(e.Decoy);
        Add(e.Mailbox);
        Add((long)stored.Sender.Uid);
        Add((long)stored.Sender.Pid);
        var data = JsonMarshal.GetRawUtf8Value(e.Data);
        Add((long)data.Length);
        Add(data);
        return SHA256.HashData(_bytes.AsSpan(0, _length));
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    private void Add(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Room(sizeof(long)), value);
        _length += sizeof(long);
    }

    private void Add(string? text)
    {
        if (text is null)
        {
            Add(-1L);
            return;
        }

        Add((long)Encoding.UTF8.GetByteCount(text));
        _length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));
    }

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - _length < size)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + size));
        }

        return _bytes.AsSpan(_length);
    }
}
