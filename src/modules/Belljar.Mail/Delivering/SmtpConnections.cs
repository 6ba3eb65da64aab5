using System.Diagnostics.CodeAnalysis;

namespace Belljar.Mail.Delivering;

/// <summary>
/// Open connections at rest, by the route that they serve, so that the next message of a route need not begin anew. Few and not for
/// long: another server's patience is not ours to use up.
/// </summary>
internal sealed class SmtpConnections : IAsyncDisposable
{
    private const int MostMessages = 100;
    private const int MostAtRest = 64;
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly List<(string Route, SmtpClientConnection Connection, DateTimeOffset Since)> _resting = [];
    private readonly TimeProvider _clock;

    public SmtpConnections(TimeProvider clock) => _clock = clock;

    public bool TryTake(string route, [NotNullWhen(true)] out SmtpClientConnection? connection)
    {
        lock (_lock)
        {
            var at = _resting.FindLastIndex(resting => resting.Route == route);
            connection = at < 0 ? null : _resting[at].Connection;
            if (at >= 0)
            {
                _resting.RemoveAt(at);
            }

            return at >= 0;
        }
    }

    public async ValueTask GiveBackAsync(string route, SmtpClientConnection connection)
    {
        if (connection.IsOpen && connection.Messages < MostMessages)
        {
            lock (_lock)
            {
                if (_resting.Count < MostAtRest)
                {
                    _resting.Add((route, connection, _clock.GetUtcNow()));
                    return;
                }
            }
        }

        await connection.DisposeAsync();
    }

    /// <summary>Closes what has rested long enough; asked every few seconds.</summary>
    public Task CloseOldAsync() => CloseAsync(_clock.GetUtcNow() - LongestRest);

    public async ValueTask DisposeAsync() => await CloseAsync(DateTimeOffset.MaxValue);

    private async Task CloseAsync(DateTimeOffset restingSince)
    {
        List<SmtpClientConnection> old;
        lock (_lock)
        {
            old = [.. _resting.Where(resting => resting.Since <= restingSince).Select(resting => resting.Connection)];
            _resting.RemoveAll(resting => resting.Since <= restingSince);
        }

        foreach (var connection in old)
        {
            await connection.DisposeAsync();
        }
    }
}
