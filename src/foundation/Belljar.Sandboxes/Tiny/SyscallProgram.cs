using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Belljar.Sandboxes.Tiny;

/// <summary>One system call with constant arguments. Numbers differ between the two architectures.</summary>
/// <param name="X64">Its number on x86-64.</param>
/// <param name="Arm64">Its number on arm64.</param>
internal sealed record SyscallStep(int X64, int Arm64, params IReadOnlyList<SyscallArgument> Arguments);

/// <summary>A number, or the address of bytes that are part of the program.</summary>
internal sealed record SyscallArgument(long Number, byte[]? Bytes)
{
    public static implicit operator SyscallArgument(long number) => new(number, null);

    public static implicit operator SyscallArgument(byte[] bytes) => new(0, bytes);
}

/// <summary>
/// Builds static ELF programs of a few hundred bytes that do a fixed list of system calls and then repeat the last one
/// for ever. They stand where a process must exist but nothing of the image may be relied on: a sandbox's first
/// process, and the holder of a user namespace.
/// </summary>
internal static class SyscallProgram
{
    private const long LoadAddress = 0x400000;
    private const int HeaderSize = 64 + 56;

    public static byte[] Build(Architecture architecture, IReadOnlyList<SyscallStep> steps)
    {
        var (machine, emit) = architecture switch
        {
            Architecture.X64 => ((ushort)62, (Emit)EmitX64),
            Architecture.Arm64 => ((ushort)183, (Emit)EmitArm64),
            _ => throw new PlatformNotSupportedException($"No sandboxes on {architecture}: x86-64 and arm64 only."),
        };

        // The code's length does not depend on addresses, so the first pass places the data.
        var codeSize = Code(emit, steps, 0).Length;
        var code = Code(emit, steps, LoadAddress + HeaderSize + codeSize);
        byte[] data = [.. steps.SelectMany(step => step.Arguments).SelectMany(argument => argument.Bytes ?? [])];
        return [.. Header(machine, HeaderSize + code.Length + data.Length), .. code, .. data];
    }

    private delegate void Emit(List<byte> code, SyscallStep step, IReadOnlyList<long> arguments, int? jumpBackTo);

    private static byte[] Code(Emit emit, IReadOnlyList<SyscallStep> steps, long dataAddress)
    {
        var code = new List<byte>();
        for (var i = 0; i < steps.Count; i++)
        {
            var arguments = new List<long>();
            foreach (var argument in steps[i].Arguments)
            {
                arguments.Add(argument.Bytes is null ? argument.Number : dataAddress);
                dataAddress += argument.Bytes?.Length ?? 0;
            }

            emit(code, steps[i], arguments, i == steps.Count - 1 ? code.Count : null);
        }

        return [.. code];
    }

    private static void EmitX64(List<byte> code, SyscallStep step, IReadOnlyList<long> arguments, int? jumpBackTo)
    {
        // mov r64, imm64 for rdi, rsi, rdx, r10, r8, r9, and rax.
        ReadOnlySpan<byte> prefixes = [0x48, 0x48, 0x48, 0x49, 0x49, 0x49];
        ReadOnlySpan<byte> opcodes = [0xBF, 0xBE, 0xBA, 0xBA, 0xB8, 0xB9];
        for (var i = 0; i < arguments.Count; i++)
        {
            code.AddRange([prefixes[i], opcodes[i], .. BitConverter.GetBytes(arguments[i])]);
        }

        code.AddRange([0x48, 0xB8, .. BitConverter.GetBytes((long)step.X64), 0x0F, 0x05]);
        if (jumpBackTo is { } target)
        {
            code.AddRange([0xE9, .. BitConverter.GetBytes(target - (code.Count + 5))]);
        }
    }

    private static void EmitArm64(List<byte> code, SyscallStep step, IReadOnlyList<long> arguments, int? jumpBackTo)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            EmitArm64Move(code, i, arguments[i]);
        }

        EmitArm64Move(code, 8, step.Arm64);
        code.AddRange(BitConverter.GetBytes(0xD4000001u)); // svc #0
        if (jumpBackTo is { } target)
        {
            var words = (target - code.Count) / 4;
            code.AddRange(BitConverter.GetBytes(0x14000000u | ((uint)words & 0x03FFFFFF)));
        }
    }

    /// <summary>movz and three movk: 16 bits each.</summary>
    private static void EmitArm64Move(List<byte> code, int register, long value)
    {
        for (var part = 0; part < 4; part++)
        {
            var opcode = part == 0 ? 0xD2800000u : 0xF2800000u;
            var bits = (uint)((value >> (16 * part)) & 0xFFFF);
            code.AddRange(BitConverter.GetBytes(opcode | ((uint)part << 21) | (bits << 5) | (uint)register));
        }
    }

    /// <summary>ELF64 file header and one segment, loaded whole, readable and executable.</summary>
    private static byte[] Header(ushort machine, int size)
    {
        var header = new byte[HeaderSize];
        var span = header.AsSpan();
        ((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(span);
        BinaryPrimitives.WriteUInt16LittleEndian(span[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(span[18..], machine);
        BinaryPrimitives.WriteUInt32LittleEndian(span[20..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(span[24..], LoadAddress + HeaderSize); // e_entry
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], 64); // e_phoff
        BinaryPrimitives.WriteUInt16LittleEndian(span[52..], 64); // e_ehsize
        BinaryPrimitives.WriteUInt16LittleEndian(span[54..], 56); // e_phentsize
        BinaryPrimitives.WriteUInt16LittleEndian(span[56..], 1); // e_phnum
        var segment = span[64..];
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1); // PT_LOAD
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 5); // PF_R | PF_X
        BinaryPrimitives.WriteInt64LittleEndian(segment[16..], LoadAddress); // p_vaddr
        BinaryPrimitives.WriteInt64LittleEndian(segment[24..], LoadAddress); // p_paddr
        BinaryPrimitives.WriteInt64LittleEndian(segment[32..], size); // p_filesz
        BinaryPrimitives.WriteInt64LittleEndian(segment[40..], size); // p_memsz
        BinaryPrimitives.WriteInt64LittleEndian(segment[48..], 0x1000); // p_align
        return header;
    }
}
