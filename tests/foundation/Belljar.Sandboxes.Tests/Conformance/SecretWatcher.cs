using System.Collections.Concurrent;
using System.Text;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>Looks for a value, all the time, on the argument lists of all processes and in the files that come and go where backends and runtimes write.</summary>
internal sealed class SecretWatcher : IAsyncDisposable
{
    private const long LargestFile = 1 << 20;

    private readonly byte[] _secret;
    private readonly string[] _folders;
    private readonly ConcurrentDictionary<string, bool> _found = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private int _looks;

    public SecretWatcher(string secret, IEnumerable<string> folders)
    {
        _secret = Encoding.UTF8.GetBytes(secret);
        _folders = [.. folders];
        _watching = Task.Factory.StartNew(Watch, TaskCreationOptions.LongRunning);
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
        foreach (var folder in _folders.Where(Directory.Exists))
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

    private void Watch()
    {
        while (!_stop.IsCancellationRequested)
        {
            LookInFiles(Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[6])).Select(path => $"{path}/cmdline"));
            LookInFiles(Top("/tmp").Concat(_folders.SelectMany(Top))); // Runtimes' temporary files.
            Interlocked.Increment(ref _looks);
        }
    }

    private static IEnumerable<string> Top(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint })
        : [];

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
        var isPlain = path.StartsWith("/proc/", StringComparison.Ordinal) || (new FileInfo(path).Length is > 0 and < LargestFile && !File.GetAttributes(path).HasFlag(FileAttributes.Device));
        return isPlain && mode.HasFlag(UnixFileMode.UserRead) && File.ReadAllBytes(path).AsSpan().IndexOf(_secret) >= 0;
    }
}
