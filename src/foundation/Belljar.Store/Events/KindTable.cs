using System.Collections.Concurrent;
using Belljar.Contracts;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Events;

/// <summary>The numbers that stand for kinds in one log. A name keeps its number for ever, also when the program no longer lists it.</summary>
internal sealed class KindTable
{
    private readonly ConcurrentDictionary<int, string> _names = new();
    private readonly ConcurrentDictionary<string, int> _ids = new();

    public void Load(SqliteConnection connection)
    {
        using var command = connection.Statement("SELECT id, name FROM kinds");
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            Learn(rows.GetInt32(0), rows.GetString(1));
        }
    }

    public string NameOf(int id) => _names.TryGetValue(id, out var name) ? name : $"unknown.{id}";

    public int? Find(string name) => _ids.TryGetValue(name, out var id) ? id : null;

    /// <summary>Kinds whose name matches a topic pattern.</summary>
    public IReadOnlyList<int> Matching(string pattern) =>
        [.. _ids.Where(entry => Topic.Matches(pattern, entry.Key)).Select(entry => entry.Value).Order()];

    public IReadOnlyDictionary<string, int> All => _ids;

    /// <summary>Inserts the names that the log does not know yet. Inside the writer's turn.</summary>
    public void Add(SqliteConnection writer, IEnumerable<string> names)
    {
        foreach (var name in names.Where(name => !_ids.ContainsKey(name)))
        {
            writer.Run("INSERT INTO kinds (name) VALUES ($name) ON CONFLICT DO NOTHING", ("$name", name));
        }

        Load(writer);
    }

    private void Learn(int id, string name)
    {
        _names[id] = name;
        _ids[name] = id;
    }
}
