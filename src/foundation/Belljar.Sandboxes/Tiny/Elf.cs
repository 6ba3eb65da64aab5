using System.Buffers.Binary;

namespace Belljar.Sandboxes.Tiny;

/// <summary>Static ELF64 executables: file header, program headers, code.</summary>
internal static class Elf
{
    public const long LoadAddress = 0x400000;
    private const int FileHeaderSize = 64;
    private const int ProgramHeaderSize = 56;

    /// <param name="machine">62 for x86-64, 183 for arm64.</param>
    /// <param name="writableAddress">Of a zeroed segment to read and write; 0 for none.</param>
    public static byte[] Build(ushort machine, ReadOnlySpan<byte> code, long writableAddress = 0, long writableSize = 0)
    {
        var segments = writableSize == 0 ? 1 : 2;
        var headerSize = HeaderSize(segments);
        var file = new byte[headerSize + code.Length];
        code.CopyTo(file.AsSpan(headerSize));
        WriteFileHeader(file, machine, segments, headerSize);
        WriteSegment(file.AsSpan(FileHeaderSize), 5, LoadAddress, file.Length, file.Length); // Read, execute.
        if (segments == 2)
        {
            WriteSegment(file.AsSpan(FileHeaderSize + ProgramHeaderSize), 6, writableAddress, 0, writableSize); // Read, write.
        }

        return file;
    }

    public static int HeaderSize(int segments) => FileHeaderSize + (segments * ProgramHeaderSize);

    private static void WriteFileHeader(Span<byte> span, ushort machine, int segments, int headerSize)
    {
        ((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(span);
        BinaryPrimitives.WriteUInt16LittleEndian(span[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(span[18..], machine);
        BinaryPrimitives.WriteUInt32LittleEndian(span[20..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(span[24..], LoadAddress + headerSize); // e_entry
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], FileHeaderSize); // e_phoff
        BinaryPrimitives.WriteUInt16LittleEndian(span[52..], FileHeaderSize); // e_ehsize
        BinaryPrimitives.WriteUInt16LittleEndian(span[54..], ProgramHeaderSize); // e_phentsize
        BinaryPrimitives.WriteUInt16LittleEndian(span[56..], (ushort)segments); // e_phnum
    }

    private static void WriteSegment(Span<byte> header, uint access, long address, long inFile, long inMemory)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, 1); // PT_LOAD
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], access);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], address); // p_vaddr
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], address); // p_paddr
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], inFile); // p_filesz
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], inMemory); // p_memsz
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], 0x1000); // p_align
    }
}
