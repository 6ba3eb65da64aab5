namespace Belljar.Store.Sqlite;

/// <summary>One step of a module's schema, applied once, in one transaction.</summary>
/// <param name="Version">Its number; a module's steps are 1, 2, 3 … without gaps and never change once released.</param>
/// <param name="Sql">Plain SQL, one or more statements, without BEGIN and COMMIT.</param>
public sealed record Migration(int Version, string Sql);

/// <summary>All steps of one module's schema, in order.</summary>
public sealed record ModuleSchema
{
    /// <param name="module">The module's name, as it stands in <c>schema_versions</c>: <c>events</c>.</param>
    /// <param name="migrations">Its steps, numbered 1, 2, 3 …</param>
    /// <exception cref="ArgumentException">The numbers have a gap, or are out of order.</exception>
    public ModuleSchema(string module, params IEnumerable<Migration> migrations)
    {
        Module = module;
        Migrations = [.. migrations];
        for (var i = 0; i < Migrations.Count; i++)
        {
            if (Migrations[i].Version != i + 1)
            {
                throw new ArgumentException(
                    $"Migration {Migrations[i].Version} of '{module}' stands where {i + 1} belongs.", nameof(migrations));
            }
        }
    }

    public string Module { get; }

    public IReadOnlyList<Migration> Migrations { get; }

    public int Version => Migrations.Count;
}
