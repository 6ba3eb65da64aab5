using System.Buffers;
using System.Text;
using System.Threading.Channels;
using Belljar.Detection;
using Belljar.Hosting;
using Belljar.Sandboxes.Processes;
using Belljar.Terminals;

namespace Belljar.Secrets;

/// <summary>
/// A repository's history, object by object: blobs, messages of commits and tags, path names. Each object once, however many
/// commits have it, with the oldest of them: the one that brought it.
/// </summary>
/// <remarks>
/// <code>
///   git rev-list --objects ──names──▶ git cat-file --batch ──objects──▶ workers
/// </code>
/// Nothing in the repository or in anybody's git configuration has a say: no hooks, no filters, no replacements.
/// </remarks>
internal sealed class GitScan(RuleSet rules, ProgressLine progress)
{
    private const int Failed = 2;
    private const int LargestInMemory = 4 << 20;

    private static readonly Dictionary<string, string> CleanEnvironment = new()
    {
        ["PATH"] = ProgramPath.Default,
        ["HOME"] = "/nonexistent",
        ["LC_ALL"] = "C",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_NO_REPLACE_OBJECTS"] = "1",
        ["GIT_OPTIONAL_LOCKS"] = "0",
        ["GIT_NO_LAZY_FETCH"] = "1",
        ["GIT_TERMINAL_PROMPT"] = "0",
    };

    private readonly ScanTally _tally = new(progress, "object");

    public async Task<ScanResults> RunAsync(string repository, string? range, CancellationToken ct)
    {
        var revisions = range is { Length: > 0 } ? range : "--all";
        if (range is not null && range.StartsWith('-'))
        {
            throw new OperatorException($"'{range}' is not a range of commits", OperatorException.WrongUsage);
        }

        await using var list = Start(repository, ChildStream.Null, "rev-list", "--objects", "--in-commit-order", "--reverse", revisions, "--");
        await using var objects = Start(repository, ChildStream.Pipe, "cat-file", "--batch", "--buffer");
        // As many names may be ahead of their objects; then rev-list waits.
        var names = Channel.CreateBounded<(string Name, string Path, string? Commit)>(4096);
        var errors = Task.WhenAll(TextAsync(list.Error!, ct), TextAsync(objects.Error!, ct));
        var naming = NameAsync(list.Output!, objects.Input!, names.Writer, ct);
        await ScanAllAsync(objects.Output!, names.Reader, ct);
        await naming;
        var problem = string.Concat(await errors).Trim();
        if (await list.Exited != 0 || await objects.Exited != 0)
        {
            throw new OperatorException($"git: {Terminal.Safe(problem.Split('\n')[0])}", Failed);
        }

        return _tally.Results();
    }

    private static ChildProcess Start(string repository, ChildStream input, params string[] arguments) => ChildProcess.Start(
        new ChildSpec(["git", "-C", repository, "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "--no-pager", .. arguments])
        {
            Environment = CleanEnvironment,
            Input = input,
            Output = ChildStream.Pipe,
            Error = ChildStream.Pipe,
        });

    /// <summary>Commits stand alone on their line, and what they brought follows with its path.</summary>
    private async Task NameAsync(Stream listed, Stream wanted, ChannelWriter<(string, string, string?)> names, CancellationToken ct)
    {
        using var paths = new Scanner(rules);
        try
        {
            using var lines = new StreamReader(listed, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false);
            await using var output = new StreamWriter(wanted, new UTF8Encoding(false));
            string? commit = null;
            while (await lines.ReadLineAsync(ct) is { } line)
            {
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                var (name, path) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
                commit = space < 0 ? name : commit;
                paths.Push(Encoding.UTF8.GetBytes($"{path}\n"));
                await names.WriteAsync((name, path, commit), ct);
                await output.WriteAsync($"{name}\n".AsMemory(), ct);
            }
        }
        catch (IOException)
        {
            // One of the two ended early: its exit code tells.
        }
        finally
        {
            names.Complete();
        }

        paths.Complete();
        _tally.Add("(path names)", null, paths);
    }

    private async Task ScanAllAsync(Stream objects, ChannelReader<(string Name, string Path, string? Commit)> names, CancellationToken ct)
    {
        // Objects in memory: two for each worker, each of at most four MiB.
        var work = Channel.CreateBounded<(byte[] Bytes, int Length, string Path, string? Commit)>(2 * Environment.ProcessorCount);
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() => WorkAsync(work.Reader, ct), ct)).ToArray();
        try
        {
            await using var buffered = new BufferedStream(objects, FileScan.Piece);
            await foreach (var (name, path, commit) in names.ReadAllAsync(ct))
            {
                if (ReadHeader(buffered) is not { } header || header.Split(' ') is not [var found, var type, var size] || found != name)
                {
                    throw new OperatorException($"git: the object {name} cannot be read", Failed);
                }

                await ReadObjectAsync(buffered, type, long.Parse(size), type switch { "commit" => "(commit message)", "tag" => "(tag message)", _ => path }, commit, work.Writer, ct);
                buffered.ReadByte();
            }
        }
        finally
        {
            work.Writer.Complete();
            await Task.WhenAll(workers);
        }
    }

    private async Task ReadObjectAsync(
        Stream stream, string type, long size, string path, string? commit, ChannelWriter<(byte[], int, string, string?)> work, CancellationToken ct)
    {
        if (type != "tree" && size <= LargestInMemory)
        {
            var bytes = ArrayPool<byte>.Shared.Rent((int)size);
            await stream.ReadExactlyAsync(bytes.AsMemory(0, (int)size), ct);
            await work.WriteAsync((bytes, (int)size, path, commit), ct);
            return;
        }

        // Trees are names, which were seen; a large blob is scanned here as it comes.
        using var scanner = new Scanner(rules, path, commit);
        var piece = ArrayPool<byte>.Shared.Rent(FileScan.Piece);
        for (var left = size; left > 0;)
        {
            var read = await stream.ReadAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, left)), ct);
            if (read == 0)
            {
                throw new EndOfStreamException("git ended in the middle of an object");
            }

            left -= read;
            if (type != "tree")
            {
                scanner.Push(piece.AsSpan(0, read));
            }
        }

        ArrayPool<byte>.Shared.Return(piece, clearArray: true);
        if (type != "tree")
        {
            scanner.Complete();
            _tally.Add(path, commit, scanner);
        }
    }

    private async Task WorkAsync(ChannelReader<(byte[] Bytes, int Length, string Path, string? Commit)> work, CancellationToken ct)
    {
        await foreach (var (bytes, length, path, commit) in work.ReadAllAsync(ct))
        {
            using var scanner = new Scanner(rules, path, commit);
            scanner.Push(bytes.AsSpan(0, length));
            scanner.Complete();
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
            _tally.Add(path, commit, scanner);
        }
    }

    private static string? ReadHeader(BufferedStream stream)
    {
        var line = new StringBuilder();
        while (stream.ReadByte() is var value and >= 0 && line.Length < 200)
        {
            if (value == '\n')
            {
                return line.ToString();
            }

            line.Append((char)value);
        }

        return null;
    }

    private static async Task<string> TextAsync(Stream stream, CancellationToken ct)
    {
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(ct);
    }
}
