using System.Runtime.InteropServices;

namespace Belljar.Sandboxes.Tiny;

/// <summary>One system call with constant arguments. Numbers differ between the two architectures.</summary>
/// <param name="X64">Its number on x86-64.</param>
/// <param name="Arm64">Its number on arm64.</param>
internal sealed record SyscallStep(int X64, int Arm64, params IReadOnlyList<SyscallArgument> Arguments);

/// <summary>A number, the address of bytes that are part of the program, or the address of a structure of such.</summary>
internal sealed record SyscallArgument(long Number, byte[]? Bytes, IReadOnlyList<SyscallArgument>? Fields = null)
{
    public static implicit operator SyscallArgument(long number) => new(number, null);

    public static implicit operator SyscallArgument(byte[] bytes) => new(0, bytes);

    /// <summary>A structure of 64-bit fields.</summary>
    public static SyscallArgument Structure(params IReadOnlyList<SyscallArgument> fields) => new(0, null, fields);

    /// <summary>What it adds to the program's data.</summary>
    public int Size => (Bytes?.Length ?? 0) + (Fields?.Sum(part => sizeof(long) + part.Size) ?? 0);

    /// <summary>Its data when that is at an address; what its fields point to comes behind them.</summary>
    public byte[] Data(long address)
    {
        if (Fields is null)
        {
            return Bytes ?? [];
        }

        var behind = new List<byte>();
        var values = new List<byte>();
        foreach (var field in Fields)
        {
            var place = address + (Fields.Count * sizeof(long)) + behind.Count;
            values.AddRange(BitConverter.GetBytes(field.Value(place)));
            behind.AddRange(field.Data(place));
        }

        return [.. values, .. behind];
    }

    public long Value(long address) => Bytes is null && Fields is null ? Number : address;
}

/// <summary>
/// Builds static ELF programs of a few hundred bytes that do a fixed list of system calls and then repeat the last one
/// for ever. They stand where a process must exist but nothing of the image may be relied on: a sandbox's first
/// process, and the holder of a user namespace.
/// </summary>
internal static class SyscallProgram
{
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
        var code = Code(emit, steps, Elf.LoadAddress + Elf.HeaderSize(1) + codeSize);
        var data = new List<byte>();
        foreach (var argument in steps.SelectMany(step => step.Arguments))
        {
            data.AddRange(argument.Data(Elf.LoadAddress + Elf.HeaderSize(1) + codeSize + data.Count));
        }

        return Elf.Build(machine, [.. code, .. data]);
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
                arguments.Add(argument.Value(dataAddress));
                dataAddress += argument.Size;
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
}
