using System.Text;
using Belljar.Contracts.Events;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Events;

/// <summary>
/// Turns a query into SQL that walks an index in the order of <c>seq</c> (every index ends in it), so that a page costs
/// its own length and not that of the log.
/// </summary>
internal static class EventQuerySql
{
    public static SqliteCommand Page(SqliteConnection connection, EventQuery query, IReadOnlyList<int> kinds)
    {
        var order = query.NewestFirst ? "DESC" : "ASC";
        var narrow = Conditions(query);
        var hasId = query is not { Session: null, Attacker: null, Decoy: null, Mailbox: null };
        var sql = kinds.Count > 1 && !hasId
            ? EachKind(kinds, narrow, order)
            : $"SELECT {EventColumns.List} FROM events e WHERE {KindIs(kinds, hasId)}{narrow} ORDER BY e.seq {order} LIMIT $limit";
        return WithValues(connection.Statement(sql, ("$limit", query.Limit)), query);
    }

    public static SqliteCommand Count(SqliteConnection connection, EventQuery query, IReadOnlyList<int> kinds) =>
        WithValues(connection.Statement($"SELECT count(*) FROM events e WHERE {KindIs(kinds, hasId: false)}{Conditions(query)}"), query);

    /// <summary>
    /// Several kinds: the newest few of each through the index, then the newest of those. One IN over the index would
    /// have to sort every event of these kinds first.
    /// </summary>
    private static string EachKind(IEnumerable<int> kinds, string narrow, string order)
    {
        var each = kinds.Select(kind =>
            $"SELECT seq FROM (SELECT e.seq FROM events e WHERE e.kind = {kind}{narrow} ORDER BY e.seq {order} LIMIT $limit)");
        return $"SELECT {EventColumns.List} FROM events e WHERE e.seq IN ({string.Join(" UNION ALL ", each)}) "
            + $"ORDER BY e.seq {order} LIMIT $limit";
    }

    /// <summary>The kinds are integers from our own table. A plus keeps SQLite from preferring their index to that of an id.</summary>
    private static string KindIs(IReadOnlyList<int> kinds, bool hasId) => kinds switch
    {
        [] => "1",
        [var one] => $"{(hasId ? "+" : "")}e.kind = {one}",
        _ => $"{(hasId ? "+" : "")}e.kind IN ({string.Join(", ", kinds)})",
    };

    private static string Conditions(EventQuery query)
    {
        var sql = new StringBuilder();
        AddIf(query.Session is not null, "e.session = $session");
        AddIf(query.Attacker is not null, "e.attacker = $attacker");
        AddIf(query.Decoy is not null, "e.decoy = $decoy");
        AddIf(query.Mailbox is not null, "e.mailbox = $mailbox");
        AddIf(query.MinimumSeverity > Severity.Info, "e.severity >= $severity");

        // Without the plus the planner may take the index on time and sort; arrival and time go together anyway.
        AddIf(query.Since is not null, "+e.time >= $since");
        AddIf(query.Until is not null, "+e.time < $until");
        AddIf(query.AfterSeq is not null, "e.seq > $after");
        AddIf(query.BeforeSeq is not null, "e.seq < $before");
        return sql.ToString();

        void AddIf(bool wanted, string condition)
        {
            if (wanted)
            {
                sql.Append(" AND ").Append(condition);
            }
        }
    }

    private static SqliteCommand WithValues(SqliteCommand command, EventQuery query)
    {
        Add("$session", query.Session);
        Add("$attacker", query.Attacker);
        Add("$decoy", query.Decoy);
        Add("$mailbox", query.Mailbox);
        Add("$severity", query.MinimumSeverity > Severity.Info ? (int)query.MinimumSeverity : null);
        Add("$since", query.Since is { } since ? EventTime.ToColumn(since) : null);
        Add("$until", query.Until is { } until ? EventTime.ToColumn(until) : null);
        Add("$after", query.AfterSeq);
        Add("$before", query.BeforeSeq);
        return command;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                command.Parameters.AddWithValue(name, value);
            }
        }
    }
}
