using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Belljar.Hosting;

namespace Belljar.Web.Access;

/// <summary>
/// The secret that opens the console: 32 random bytes in a file that its owner alone may read. Whoever can read the file
/// may open the console; there are no accounts.
/// </summary>
public sealed class ConsoleToken
{
    private const int Bytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly byte[] _text;

    private ConsoleToken(string text) => _text = Encoding.ASCII.GetBytes(text);

    /// <summary>Reads the token; makes it, with its file, where there is none.</summary>
    /// <exception cref="OperatorException">The file holds something else, or cannot be read or written.</exception>
    public static ConsoleToken LoadOrCreate(BelljarPaths paths)
    {
        try
        {
            if (!File.Exists(paths.ConsoleToken))
            {
                Create(paths.ConsoleToken);
            }

            return Load(paths.ConsoleToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{paths.ConsoleToken} cannot be used: {failure.Message} It belongs to the user who runs 'belljar up'.");
        }
    }

    /// <summary>The address that opens the console.</summary>
    /// <param name="listener">As the worker reported it: <c>127.0.0.1:7480</c>.</param>
    public string Url(string listener) => $"http://{listener
        .Replace("0.0.0.0:", "127.0.0.1:", StringComparison.Ordinal)
        .Replace("[::]:", "[::1]:", StringComparison.Ordinal)}/?token={Encoding.ASCII.GetString(_text)}";

    /// <summary>Takes the same time for every wrong answer of the right length.</summary>
    public bool Is(string? presented) => presented is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(presented), _text);

    /// <summary>What a browser keeps instead of the token: it opens this console, and does not lead back to the token.</summary>
    public string Session() => Base64Url.EncodeToString(HMACSHA256.HashData(_text, "console session, 1"u8));

    /// <summary>Says nothing: it might be logged.</summary>
    public override string ToString() => nameof(ConsoleToken);

    private static ConsoleToken Load(string path)
    {
        File.SetUnixFileMode(path, OwnerOnly);
        using var file = new StreamReader(path, Encoding.ASCII);
        var buffer = new char[128];
        var text = new string(buffer, 0, file.ReadBlock(buffer)).Trim();
        return Base64Url.IsValid(text, out var length) && length == Bytes
            ? new ConsoleToken(text)
            : throw new OperatorException($"{path} does not hold a token. Delete it; the next start makes a new one.");
    }

    /// <summary>Whole or not at all, and never over one that somebody else has just made.</summary>
    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var half = $"{path}.{Guid.NewGuid():N}";
        using (var file = new FileStream(half, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        {
            file.Write(Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        // A second name for the finished file, and only if there is none yet: that is one step for the kernel, while
        // moving without overwriting is a look and then a move.
        var linked = Link(Encoding.UTF8.GetBytes(half + '\0'), Encoding.UTF8.GetBytes(path + '\0'));
        var failure = Marshal.GetLastPInvokeErrorMessage();
        File.Delete(half);
        if (linked != 0 && !File.Exists(path))
        {
            throw new IOException(failure);
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int Link(byte[] from, byte[] to);
}
