using System.Collections.Concurrent;
using Belljar.Sandboxes.Tests.Conformance;

[assembly: AssemblyFixture(typeof(SuiteWatch))]

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>
/// Watches while the whole suite runs: a value that every sandbox of every test has in its environment, and that tests give
/// as input, is on no argument list and in no file of the host. What it saw fails the run.
/// </summary>
public sealed class SuiteWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);
    private static readonly ConcurrentDictionary<string, bool> Folders = new();

    private readonly SecretWatcher? _watcher = Victim.IsThis ? null : new SecretWatcher(Value, () => Folders.Keys, Pause);

    public static string Value { get; } = $"watched-{Guid.NewGuid():N}";

    /// <summary>What the environment of a sandbox is to be so that its commands have the value.</summary>
    public static Dictionary<string, string> With(IReadOnlyDictionary<string, string> environment) => new(environment) { ["WATCHED"] = Value };

    public static void Add(IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            Folders.TryAdd(folder, true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_watcher is not null)
        {
            await using (_watcher)
            {
                Assert.Empty(await _watcher.FindingsAsync());
                Assert.True(_watcher.Looks > 0);
            }
        }
    }
}
