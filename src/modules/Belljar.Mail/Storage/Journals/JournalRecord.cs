using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Belljar.Mail.Storage.Journals;

/// <summary>
/// One message in the journal, for all of its mailboxes: what cannot be computed again, so neither body nor attachments.
/// <code>
/// magic 4, length of what follows the header 4, CRC-32C of it 4, generation of the segment 8
/// number of entries 4, each: folder, stem, trace fields, frontmatter (length 4 and bytes each)
/// the message as it came
/// </code>
/// </summary>
internal sealed class JournalRecord
{
    public const int HeaderLength = 20;

    private const uint Magic = 0x4D4C4A42;
    private const int MostEntries = 10_000;

    private readonly byte[] _head;

    private JournalRecord(byte[] head, ReadOnlyMemory<byte> raw) => (_head, Raw) = (head, raw);

    public ReadOnlyMemory<byte> Raw { get; }

    public int Length => _head.Length + Raw.Length;

    public static JournalRecord Create(IReadOnlyList<JournalEntry> entries, ReadOnlyMemory<byte> raw)
    {
        var head = new ArrayBufferWriter<byte>(512);
        head.GetSpan(HeaderLength)[..HeaderLength].Clear();
        head.Advance(HeaderLength);
        Put(head, entries.Count);
        foreach (var entry in entries)
        {
            Put(head, Encoding.UTF8.GetBytes(entry.Folder));
            Put(head, Encoding.UTF8.GetBytes(entry.Stem));
            Put(head, entry.Trace);
            Put(head, entry.Frontmatter);
        }

        var bytes = head.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), checked(bytes.Length - HeaderLength + raw.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Sum(Sum(uint.MaxValue, bytes.AsSpan(HeaderLength)), raw.Span));
        return new JournalRecord(bytes, raw);
    }

    /// <summary>What is written of it; in another generation of a segment the same bytes mean nothing.</summary>
    public void AddTo(List<ReadOnlyMemory<byte>> output, long generation)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_head.AsSpan(12), generation);
        output.Add(_head);
        output.Add(Raw);
    }

    /// <summary>Reads one and moves on behind it; false at the end of what is whole and of this generation.</summary>
    public static bool TryRead(ref ReadOnlyMemory<byte> input, long generation, out IReadOnlyList<JournalEntry> entries, out ReadOnlyMemory<byte> raw)
    {
        (entries, raw) = ([], default);
        var header = input.Span;
        if (header.Length < HeaderLength
            || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic
            || BinaryPrimitives.ReadInt64LittleEndian(header[12..]) != generation)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (length < 0 || length > input.Length - HeaderLength)
        {
            return false;
        }

        var rest = input.Slice(HeaderLength, length);
        if (Sum(uint.MaxValue, rest.Span) != BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) || !TryReadEntries(ref rest, out entries))
        {
            return false;
        }

        raw = rest;
        input = input[(HeaderLength + length)..];
        return true;
    }

    private static bool TryReadEntries(ref ReadOnlyMemory<byte> input, out IReadOnlyList<JournalEntry> entries)
    {
        entries = [];
        if (!TryTakeNumber(ref input, out var count) || count > MostEntries)
        {
            return false;
        }

        var read = new List<JournalEntry>(count);
        for (var i = 0; i < count; i++)
        {
            if (!TryTake(ref input, out var folder) || !TryTake(ref input, out var stem) || !TryTake(ref input, out var trace) || !TryTake(ref input, out var frontmatter))
            {
                return false;
            }

            read.Add(new JournalEntry(Encoding.UTF8.GetString(folder), Encoding.UTF8.GetString(stem), trace, frontmatter));
        }

        entries = read;
        return true;
    }

    private static bool TryTake(ref ReadOnlyMemory<byte> input, out byte[] bytes)
    {
        if (!TryTakeNumber(ref input, out var length) || length > input.Length)
        {
            bytes = [];
            return false;
        }

        bytes = input[..length].ToArray();
        input = input[length..];
        return true;
    }

    private static bool TryTakeNumber(ref ReadOnlyMemory<byte> input, out int number)
    {
        number = input.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(input.Span);
        input = number < 0 ? input : input[sizeof(int)..];
        return number >= 0;
    }

    private static void Put(ArrayBufferWriter<byte> output, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), number);
        output.Advance(sizeof(int));
    }

    private static void Put(ArrayBufferWriter<byte> output, byte[] bytes)
    {
        Put(output, bytes.Length);
        output.Write(bytes);
    }

    /// <summary>CRC-32C, eight bytes at a time; what is summed in pieces has the sum of the whole.</summary>
    private static uint Sum(uint sum, ReadOnlySpan<byte> bytes)
    {
        foreach (var eight in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            sum = BitOperations.Crc32C(sum, eight);
        }

        foreach (var one in bytes[(bytes.Length & ~7)..])
        {
            sum = BitOperations.Crc32C(sum, one);
        }

        return sum;
    }
}

/// <summary>The message in one mailbox.</summary>
/// <param name="Folder">The mailbox's folder below the data folder: <c>inbox/agent</c>.</param>
/// <param name="Trace">The fields before the message in its raw file.</param>
/// <param name="Frontmatter">The head of its Markdown file; it names the attachments' files in their order.</param>
internal sealed record JournalEntry(string Folder, string Stem, byte[] Trace, byte[] Frontmatter);
