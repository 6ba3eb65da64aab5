using System.Collections.Concurrent;

namespace Belljar.Mail.Storage;

/// <summary>
/// A few threads that wait for the disk, so that the thread pool, which serves the sockets, does not. The queue is as
/// long as there are connections, each of which waits for its one message.
/// </summary>
internal sealed class StorageThreads : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread[] _threads;

    public StorageThreads(int count)
    {
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Serve) { IsBackground = true, Name = $"mail storage {i}" };
            _threads[i].Start();
        }
    }

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception failed)
            {
                done.SetException(failed);
            }
        });
        return done.Task;
    }

    /// <summary>Finishes what is queued.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _work.Dispose();
    }

    private void Serve()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
