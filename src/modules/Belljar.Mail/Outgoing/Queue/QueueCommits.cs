using System.Collections.Concurrent;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Mail.Outgoing.Queue;

/// <summary>
/// One thread that commits for everybody: what has gathered while the disk was busy becomes one transaction, so that many
/// messages cost one flush. Each piece of work stands alone: one that fails is taken back, and only its caller hears of it.
/// At most as many wait as there are callers, each with one.
/// </summary>
internal sealed class QueueCommits : IDisposable
{
    private const int MostTogether = 200;

    private readonly BlockingCollection<Work> _work = [];
    private readonly SqliteDatabase _database;
    private readonly Thread _thread;

    public QueueCommits(SqliteDatabase database)
    {
        _database = database;
        _thread = new Thread(Serve) { IsBackground = true, Name = "mail queue" };
        _thread.Start();
    }

    /// <returns>When it is on the disk.</returns>
    public Task<T> RunAsync<T>(Func<SqliteConnection, T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        T? result = default;
        _work.Add(new Work(connection => result = work(connection), () => done.SetResult(result!), done.SetException));
        return done.Task;
    }

    /// <summary>Finishes what is queued.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Serve()
    {
        foreach (var first in _work.GetConsumingEnumerable())
        {
            var together = new List<Work> { first };
            while (together.Count < MostTogether && _work.TryTake(out var next))
            {
                together.Add(next);
            }

            Commit(together);
        }
    }

    private void Commit(List<Work> together)
    {
        var failures = new Exception?[together.Count];
        try
        {
            _database.Write(connection =>
            {
                for (var i = 0; i < together.Count; i++)
                {
                    failures[i] = Try(connection, together[i]);
                }

                return 0;
            });
        }
        catch (Exception failed)
        {
            // Nothing was committed: nobody's work was done.
            Array.Fill(failures, failed);
        }

        for (var i = 0; i < together.Count; i++)
        {
            if (failures[i] is { } failure)
            {
                together[i].Fail(failure);
            }
            else
            {
                together[i].Succeed();
            }
        }
    }

    private static Exception? Try(SqliteConnection connection, Work work)
    {
        connection.Run("SAVEPOINT work");
        try
        {
            work.Do(connection);
            connection.Run("RELEASE work");
            return null;
        }
        catch (Exception failed)
        {
            connection.Run("ROLLBACK TO work; RELEASE work");
            return failed;
        }
    }

    private sealed record Work(Action<SqliteConnection> Do, Action Succeed, Action<Exception> Fail);
}
