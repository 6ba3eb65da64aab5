namespace Belljar.Sandboxes.Native;

/// <summary>
/// Runs something on a thread that ends with it: a thread that entered another namespace must never go back to the pool.
/// </summary>
internal static class OwnThread
{
    private const int StackSize = 512 * 1024;

    public static Task<T> RunAsync<T>(string name, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    done.SetResult(work());
                }
                catch (Exception error)
                {
                    done.SetException(error);
                }
            },
            StackSize)
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return done.Task;
    }
}
