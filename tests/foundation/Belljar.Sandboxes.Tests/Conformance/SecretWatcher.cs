using System.Collections.Concurrent;
using System.Text;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>Looks for a value, all the time, on the argument lists of all processes and in the files that come and go where backends and runtimes write.</summary>
internal sealed class SecretWatcher : IAsyncDisposable
{
    private const long LargestFile = 1 << 20;

    private readonly byte[] _secret;
    private readonly Func<IEnumerable<string>> _folders;
    private readonly TimeSpan _pause;
    private readonly DateTime _since = TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, bool> _found = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private int _looks;

    public SecretWatcher(string secret, IEnumerable<string> folders)
        : this(secret, () => folders, TimeSpan.Zero)
    {
    }

    /// <param name="folders">Asked at every look: their files are looked at, and those in the folders below where only backends write.</param>
    /// <param name="pause">Between two looks.</param>
    public SecretWatcher(string secret, Func<IEnumerable<string>> folders, TimeSpan pause)
    {
        _secret = Encoding.UTF8.GetBytes(secret);
        (_folders, _pause) = (folders, pause);
        _watching = Task.Run(WatchAsync);
    }

    public int Looks => Volatile.Read(ref _looks);

    public async Task AnotherLookAsync(CancellationToken ct)
    {
        for (var goal = Looks + 2; Looks < goal;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, ct);
        }
    }

    /// <summary>Ends the watch and looks through all files that are left, as deep as a path can name them.</summary>
    public async Task<IReadOnlyCollection<string>> FindingsAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        foreach (var folder in _folders().Where(Directory.Exists))
        {
            LookInFiles(Tree(folder));
        }

        return [.. _found.Keys];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            LookInFiles(Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[6])).Select(path => $"{path}/cmdline"));
            LookInFiles(Top("/tmp").Concat(Top("/run"))); // Runtimes' temporary files.
            LookInFiles(_folders().SelectMany(Written));
            Interlocked.Increment(ref _looks);
            if (_pause > TimeSpan.Zero)
            {
                await Task.Delay(_pause, TimeProvider.System);
            }
        }
    }

    /// <summary>What backends, runtimes and engines write, but for what is inside the sandboxes.</summary>
    private static IEnumerable<string> Written(string folder) => Top(folder)
        .Concat(Folders(folder).Where(path => Path.GetFileName(path)[0] != '.').SelectMany(Top)) // config.json, sandbox.json.
        .Concat(new[] { "state", "runtime", "data/containers", "exec" }.SelectMany(name => Tree(Path.Combine(folder, name))));

    private static string[] Folders(string folder)
    {
        try
        {
            return Directory.GetDirectories(folder);
        }
        catch (IOException)
        {
            return []; // Not there yet, or not any more.
        }
    }

    private static string[] Top(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // Not there yet, or not any more, or not ours.
        }
    }

    private static IEnumerable<string> Tree(string root)
    {
        var plain = new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint };
        var folders = new Stack<string>([root]);
        while (folders.TryPop(out var folder))
        {
            string[] files;
            try
            {
                files = Directory.GetFiles(folder, "*", plain);
                Array.ForEach(Directory.GetDirectories(folder, "*", plain), folders.Push);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Removed meanwhile, or another test's tree, deeper than a path can be long.
                continue;
            }

            foreach (var file in files)
            {
                yield return file;
            }
        }
    }

    private void LookInFiles(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            try
            {
                if (Holds(path))
                {
                    _found[path.StartsWith("/proc/", StringComparison.Ordinal) ? Path.GetDirectoryName(path)! : path] = true;
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Ended or removed meanwhile.
            }
        }
    }

    private bool Holds(string path)
    {
        var mode = File.GetUnixFileMode(path);
        var isPlain = path.StartsWith("/proc/", StringComparison.Ordinal)
            || (new FileInfo(path) is { Length: > 0 and < LargestFile } file && file.LastWriteTimeUtc >= _since && !file.Attributes.HasFlag(FileAttributes.Device));
        return isPlain && mode.HasFlag(UnixFileMode.UserRead) && File.ReadAllBytes(path).AsSpan().IndexOf(_secret) >= 0;
    }
}
