using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Belljar.Sandboxes.Tiny;

/// <summary>
/// A program that becomes another one, which it is told on its standard input: argument list, environment, working folder
/// and where to look for the program. What an engine writes into its files or logs about a command is then this program's
/// name and nothing else. It first prints its process number (eight letters), then reads; the bytes that follow are the
/// command's own input. On a terminal (one argument, any) it reads with the terminal's echo off.
/// </summary>
/// <remarks>It ends by signal 64 when the program is missing and by 63 when it is there but cannot be run.</remarks>
internal static class Launcher
{
    public const int ReadyLength = 8;
    public const int MissingCode = 128 + 64;
    public const int NotRunnableCode = 128 + 63;

    private const long Writable = 0x10000000;
    private const long HeaderAt = Writable + 0x100;
    private const int HeaderSize = 40;
    private const int MostBytes = 1 << 20;
    private const int LetterZero = 'a';

    public static byte[] For(Architecture architecture) => architecture switch
    {
        Architecture.X64 => Elf.Build(62, Code(LaunchCode.X64), Writable, MostBytes + 0x1000),
        Architecture.Arm64 => Elf.Build(183, Code(LaunchCode.Arm64), Writable, MostBytes + 0x1000),
        _ => throw new PlatformNotSupportedException($"No sandboxes on {architecture}: x86-64 and arm64 only."),
    };

    /// <summary>What the program reads. Pointers are addresses in its memory.</summary>
    /// <exception cref="SandboxException">It is longer than a megabyte.</exception>
    public static byte[] Message(
        IReadOnlyList<string> arguments, IReadOnlyList<string> environment, IReadOnlyList<string> candidates, string folder)
    {
        var text = new List<byte>();
        var tables = (arguments.Count + environment.Count + candidates.Count + 3) * sizeof(long);
        var message = new byte[HeaderSize + tables];
        var at = HeaderSize;
        Header(1, Table(arguments));
        Header(2, Table(environment));
        Header(3, Table(candidates));
        Header(4, Place(folder));
        Header(0, tables + text.Count);
        if (message.Length + text.Count > MostBytes)
        {
            throw new SandboxException("The arguments and the environment of a command are larger than a megabyte.");
        }

        return [.. message, .. text];

        long Table(IReadOnlyList<string> values)
        {
            var table = HeaderAt + at;
            foreach (var value in values)
            {
                BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(at), Place(value));
                at += sizeof(long);
            }

            at += sizeof(long); // The null that ends it.
            return table;
        }

        long Place(string value)
        {
            if (value.Contains('\0'))
            {
                throw new ArgumentException("An argument or environment value contains a null character.", nameof(arguments));
            }

            var address = HeaderAt + message.Length + text.Count;
            text.AddRange(Encoding.UTF8.GetBytes(value));
            text.Add(0);
            return address;
        }

        void Header(int field, long value) => BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(field * sizeof(long)), value);
    }

    /// <summary>Where a program may be: the name itself when it has a slash, else below each folder of the path.</summary>
    public static IReadOnlyList<string> Candidates(string program, string path) => program.Contains('/')
        ? [program]
        : [.. path.Split(':', StringSplitOptions.RemoveEmptyEntries).Where(folder => folder.StartsWith('/')).Select(folder => $"{folder}/{program}")];

    /// <summary>The process number (of the inside) that the program printed.</summary>
    /// <returns>Null when these are not its letters.</returns>
    public static int? ProcessNumber(ReadOnlySpan<byte> letters)
    {
        var number = 0u;
        foreach (var letter in letters)
        {
            if (letter is < LetterZero or > LetterZero + 15)
            {
                return null;
            }

            number = (number << 4) | (uint)(letter - LetterZero);
        }

        return (int)number;
    }

    private static byte[] Code(string hex) => Convert.FromHexString(hex.Replace("\n", "", StringComparison.Ordinal));
}
