using System.Text;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Mysql;

/// <summary>What somebody who is in can ask. Nothing is ever changed: he may read, and not write.</summary>
internal sealed class MysqlConsole(MysqlWorld world, string user, uint thread)
{
    private string _database = "";

    public bool TryUse(string database)
    {
        var isKnown = database.Length == 0 || world.Has(database);
        _database = isKnown && database.Length > 0 ? database : _database;
        return isKnown;
    }

    public Step Answer(ReadOnlySpan<byte> payload, MysqlCapabilities client)
    {
        if (payload.IsEmpty)
        {
            return new Step { Closes = true };
        }

        var text = Encoding.UTF8.GetString(payload[1..]);
        var packets = new MysqlPackets(1);
        switch (payload[0])
        {
            case 1:
                return new Step { Closes = true };
            case 2:
                return Say(TryUse(text) ? packets.Ok() : packets.Error(1049, "42000", $"Unknown database '{text}'"), $"USE {text}");
            case 3:
                return Say(Query(text.Trim().TrimEnd(';').Trim(), client, packets), text);
            case 4:
                return Step.Say(packets.Add(0xfe, 0, 0, 2, 0).Bytes);
            case 9:
                return Step.Say(packets.Add(Encoding.ASCII.GetBytes($"Uptime: {world.Uptime}  Threads: 1  Questions: {world.Questions}  Slow queries: 0  Opens: 33  Open tables: 26  Queries per second avg: 0.003")).Bytes);
            case 14:
                return Step.Say(packets.Ok().Bytes);
            default:
                return Say(packets.Error(1047, "08S01", "Unknown command"), $"command {payload[0]}");
        }
    }

    private static Step Say(MysqlPackets packets, string command)
    {
        var bytes = packets.Bytes;
        var outcome = bytes[4] == 0xff ? (bytes[5] | (bytes[6] << 8)).ToString(System.Globalization.CultureInfo.InvariantCulture) : "ok";
        return Step.Say(bytes).Reporting(new CommandGiven(command, outcome));
    }

    private MysqlPackets Query(string sql, MysqlCapabilities client, MysqlPackets packets)
    {
        var plain = string.Join(' ', sql.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var first = plain.Split(' ', 2)[0];
        switch (first)
        {
            case "":
                return packets.Error(1065, "42000", "Query was empty");
            case "set" or "commit" or "rollback" or "begin" or "start":
                return packets.Ok();
            case "use":
                var wanted = sql[3..].Trim().Trim('`');
                return TryUse(wanted) ? packets.Ok() : packets.Error(1049, "42000", $"Unknown database '{wanted}'");
            case "insert" or "update" or "delete" or "create" or "drop" or "alter" or "truncate" or "grant" or "replace" or "load":
                return packets.Error(1290, "HY000", "The MariaDB server is running with the --read-only option so it cannot execute this statement");
        }

        if (world.Show(plain, _database, user, thread) is { } shown)
        {
            return shown.Rows is null ? packets.Error(1046, "3D000", "No database selected") : packets.Result(client, "", "", shown.Columns, shown.Rows);
        }

        var outcome = World.SqlQuestion.Answer(sql, name => world.Find(name, _database));
        if (outcome.Table is null)
        {
            return packets.Error(1064, "42000", "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near '"
                + sql[..Math.Min(sql.Length, 80)] + "' at line 1");
        }

        if (outcome.UnknownColumn is not null)
        {
            return packets.Error(1054, "42S22", $"Unknown column '{outcome.UnknownColumn}' in 'field list'");
        }

        if (outcome.Columns is null)
        {
            return !outcome.Table.Contains('.') && _database.Length == 0
                ? packets.Error(1046, "3D000", "No database selected")
                : packets.Error(1146, "42S02", $"Table '{(outcome.Table.Contains('.') ? outcome.Table : $"{_database}.{outcome.Table}")}' doesn't exist");
        }

        return packets.Result(client, _database, outcome.Table, outcome.IsCount ? ["count(*)"] : outcome.Columns, outcome.Rows!);
    }
}
