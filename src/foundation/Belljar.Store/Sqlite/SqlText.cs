using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

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
}
