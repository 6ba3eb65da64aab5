using System.Buffers;
using System.IO.Compression;
using Belljar.Detection;
using Belljar.Detection.Decoding;
using Belljar.Hosting;
using Belljar.Terminals;

namespace Belljar.Secrets;

/// <summary>Files and folders, all of them: ignore files are the repository's, not the scan's. Symbolic links are not followed.</summary>
internal sealed class FileScan(RuleSet rules, ProgressLine progress)
{
    public const int Piece = 128 * 1024;

    private const string Input = "-";

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    private readonly ScanTally _tally = new(progress, "file");

    public async Task<ScanResults> RunAsync(IReadOnlyList<string> paths, CancellationToken ct)
    {
        await Parallel.ForEachAsync(paths.SelectMany(Files), ct, async (path, stop) => await ScanAsync(path, stop));
        return _tally.Results();
    }

    private static IEnumerable<string> Files(string path)
    {
        if (path == Input || File.Exists(path))
        {
            return [Name(path)];
        }

        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*", Everything).Select(Name)
            : throw new OperatorException($"there is no file or folder '{path}'", OperatorException.WrongUsage);
    }

    /// <summary>As git names it too, so that a baseline serves both: <c>a.txt</c> and not <c>./a.txt</c>.</summary>
    private static string Name(string path) => path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;

    private async Task ScanAsync(string path, CancellationToken ct)
    {
        try
        {
            await using var stream = path == Input ? Terminal.OpenInput() : Open(path);
            if (stream is null)
            {
                return;
            }

            using var scanner = new Scanner(rules, path == Input ? null : path);
            await PushAsync(scanner, stream, ct);
            _tally.Add(path == Input ? "(standard input)" : path, null, scanner);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            _tally.AddUnreadable(path);
        }
    }

    /// <returns>Null for what is not a regular file: reading a pipe or a device would never end.</returns>
    private static Stream? Open(string path)
    {
        if (File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint))
        {
            return null;
        }

        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        if (!file.CanSeek)
        {
            file.Dispose();
            return null;
        }

        // A file that is compressed as a whole is scanned as what it becomes, however long that is.
        Span<byte> magic = stackalloc byte[4];
        var length = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return magic[..length] switch
        {
            [0x1f, 0x8b, 8, ..] => new GZipStream(file, CompressionMode.Decompress),
            [0x28, 0xb5, 0x2f, 0xfd] => new ZstdStream(file),
            _ => file,
        };
    }

    private static async Task PushAsync(Scanner scanner, Stream stream, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            while (await stream.ReadAsync(buffer, ct) is var read and > 0)
            {
                scanner.Push(buffer.AsSpan(0, read));
            }

            scanner.Complete();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
