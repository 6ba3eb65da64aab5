namespace Belljar.Mail.Storage;

/// <summary>
/// A few threads that wait for the disk, so that the thread pool, which serves the sockets, does not. The queue is as
/// long as there are connections, each of which waits for its one message.
/// </summary>
internal sealed class StorageThreads : IDisposable
{
    // A monitor, not a blocking collection: that one's waiting begins with spinning, which costs more than the work does.
    private readonly object _gate = new();
    private readonly Queue<Action> _work = new();
    private readonly Thread[] _threads;
    private bool _isStopping;

    public StorageThreads(int count)
    {
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Serve) { IsBackground = true, Name = $"mail storage {i}" };
            _threads[i].Start();
        }
    }

    /// <param name="work">Never throws.</param>
    public void Run(Action work)
    {
        lock (_gate)
        {
            _work.Enqueue(work);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Work whose result, or failure, somebody awaits.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Run(() =>
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
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private void Serve()
    {
        while (true)
        {
            Action? work;
            lock (_gate)
            {
                while (!_work.TryDequeue(out work))
                {
                    if (_isStopping)
                    {
                        return;
                    }

                    Monitor.Wait(_gate);
                }
            }

            work();
        }
    }
}
