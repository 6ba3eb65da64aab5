using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Belljar.Store.Sqlite;

/// <summary>Short forms for plain SQL with parameters.</summary>
public static class SqlText
{
    /// <summary>Runs statements that answer nothing; returns the number of rows changed.</summary>
    public static int Run(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Statement(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>The first column of the first row; null (or the type's default) where that is NULL or absent.</summary>
    public static T? Ask<T>(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Statement(sql, parameters);
        return command.ExecuteScalar() is T value ? value : default;
    }

    [SuppressMessage("Security", "CA2100", Justification = "The text is written by us; values travel as parameters.")]
    public static SqliteCommand Statement(
        this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    /// <summary>
    /// Runs a read that ends soon after <paramref name="ct"/> does, also in the midst of a long scan (a command's own
    /// Cancel does nothing here).
    /// </summary>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static T Interruptibly<T>(this SqliteConnection connection, Func<T> read, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var interrupt = ct.Register(() => raw.sqlite3_interrupt(connection.Handle));
        try
        {
            return read();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException("The read was ended.", e, ct);
        }
    }
}
