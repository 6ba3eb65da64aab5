using System.Collections;

namespace Belljar.Manifest;

/// <summary>
/// Collects every mistake, so that all are reported at once. Bounded: after <see cref="Most"/> mistakes the rest is only
/// counted, since a hostile file can have a million.
/// </summary>
public sealed class SettingsErrors : IReadOnlyCollection<SettingsError>
{
    public const int Most = 200;

    private readonly List<SettingsError> _errors = [];

    /// <summary>How many are kept.</summary>
    public int Count => _errors.Count;

    /// <summary>How many more there were than are kept.</summary>
    public int Dropped { get; private set; }

    public bool Any => _errors.Count > 0;

    public void Add(SettingsError error)
    {
        if (_errors.Count < Most)
        {
            _errors.Add(error);
        }
        else
        {
            Dropped++;
        }
    }

    /// <summary>One mistake a line, in the order of the sources and their lines.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var error in this)
        {
            yield return error.ToString();
        }

        if (Dropped > 0)
        {
            yield return $"and {Dropped} more";
        }
    }

    public IEnumerator<SettingsError> GetEnumerator() => _errors
        .OrderBy(error => error.Position.Source, StringComparer.Ordinal)
        .ThenBy(error => error.Position.Line)
        .ThenBy(error => error.Position.Column)
        .GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join('\n', Lines());
}
