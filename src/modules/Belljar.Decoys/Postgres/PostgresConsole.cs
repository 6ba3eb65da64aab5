using System.Text;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Postgres;

/// <summary>What somebody who is in can ask, by simple queries. Nothing is ever changed.</summary>
internal sealed class PostgresConsole(PostgresWorld world, string database, string user)
{
    private const int MostShown = 1000;

    public Step Answer(char type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case 'X':
                return new Step { Closes = true };
            case 'Q':
                var sql = Encoding.UTF8.GetString(payload).TrimEnd('\0');
                return Query(sql.Trim().TrimEnd(';').Trim(), sql);
            case 'P' or 'B' or 'D' or 'E' or 'C':
                return Step.Say(new PgMessages().Error(new PgError("ERROR", "0A000", "cannot execute prepared statements in this session", "postgres.c", 1471, "exec_parse_message")).Bytes)
                    .Reporting(new CommandGiven($"message {type}", "0A000"));
            case 'S':
                return Step.Say(new PgMessages().Ready().Bytes);
            default:
                return Step.Say(new PgMessages().Error(new PgError("FATAL", "08P01", $"invalid frontend message type {(int)type}", "postgres.c", 4803, "PostgresMain")).Bytes).Closing();
        }
    }

    private Step Query(string sql, string asked)
    {
        var plain = string.Join(' ', sql.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var word = plain.Split([' ', '('], 2)[0];
        var messages = new PgMessages();
        string? failure = null;
        if (plain.Length == 0)
        {
            messages.Add('I');
        }
        else if (word is "set" or "begin" or "commit" or "rollback" or "discard" or "reset")
        {
            messages.Complete(word.ToUpperInvariant());
        }
        else if (world.Show(plain, database, user) is { } shown)
        {
            messages.Result(shown.Columns, shown.Rows);
        }
        else
        {
            failure = Select(sql, word, messages);
        }

        return Step.Say(messages.Ready().Bytes).Reporting(new CommandGiven(asked, failure ?? "ok"));
    }

    /// <returns>The error's state; null when there was none.</returns>
    private string? Select(string sql, string word, PgMessages messages)
    {
        var outcome = World.SqlQuestion.Answer(sql, name => world.Find(name, database));
        if (outcome.Columns is not null)
        {
            messages.Result(outcome.Columns, outcome.Rows!);
            return null;
        }

        var error = outcome switch
        {
            { UnknownColumn: { } column } => new PgError("ERROR", "42703", $"column \"{column}\" does not exist", "parse_relation.c", 3656, "errorMissingColumn") { Position = At(sql, column) },
            { Table: { } table } => new PgError("ERROR", "42P01", $"relation \"{table}\" does not exist", "parse_relation.c", 1392, "parserOpenTable") { Position = At(sql, table) },
            _ when word is "insert" or "update" or "delete" or "create" or "drop" or "alter" or "truncate" or "grant" or "copy" or "do" =>
                new PgError("ERROR", "25006", $"cannot execute {word.ToUpperInvariant()} in a read-only transaction", "utility.c", 414, "PreventCommandIfReadOnly"),
            _ => new PgError("ERROR", "42601", $"syntax error at or near \"{First(sql)}\"", "scan.l", 1188, "scanner_yyerror") { Position = 1 },
        };
        messages.Error(error);
        return error.State;
    }

    private static int At(string sql, string word) => Math.Max(sql.IndexOf(word, StringComparison.OrdinalIgnoreCase), 0) + 1;

    private static string First(string sql)
    {
        var word = sql.Split((char[]?)null, 2)[0];
        return word[..Math.Min(word.Length, MostShown)];
    }
}
