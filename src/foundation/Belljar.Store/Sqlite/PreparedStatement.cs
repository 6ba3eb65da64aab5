using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Belljar.Store.Sqlite;

/// <summary>
/// One statement, compiled once and bound by position (from 1), for the hot path: Microsoft.Data.Sqlite's commands make
/// several objects per row. Not for several threads.
/// </summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _text = new byte[1024];

    public PreparedStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_database, sql, out _statement), _database);
    }

    public void Bind(int position, long value) => Check(raw.sqlite3_bind_int64(_statement, position, value));

    public void BindBlob(int position, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(_statement, position, value));

    public void BindUtf8(int position, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_text(_statement, position, value));

    public void Bind(int position, string? value)
    {
        switch (value)
        {
            case null:
                Check(raw.sqlite3_bind_null(_statement, position));
                return;
            case "":
                // An empty span has no address, and SQLite would take that for NULL.
                Check(raw.sqlite3_bind_text(_statement, position, ""));
                return;
        }

        var longest = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_text.Length < longest)
        {
            _text = new byte[longest];
        }

        var length = Encoding.UTF8.GetBytes(value, _text);
        BindUtf8(position, _text.AsSpan(0, length));
    }

    /// <summary>Runs it and makes it ready for the next row; returns how many rows it changed.</summary>
    public int Execute()
    {
        var result = raw.sqlite3_step(_statement);
        var changed = raw.sqlite3_changes(_database);
        var message = result is raw.SQLITE_DONE or raw.SQLITE_ROW ? null : raw.sqlite3_errmsg(_database).utf8_to_string();
        raw.sqlite3_reset(_statement);
        if (message is not null)
        {
            throw new SqliteException($"SQLite error {result}: '{message}'.", result);
        }

        return changed;
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
