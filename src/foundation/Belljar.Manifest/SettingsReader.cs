using Belljar.Contracts;

namespace Belljar.Manifest;

/// <summary>
/// Reads one section by asking for its keys. A mistake goes to the list of errors and reading goes on, with a value that
/// must not be used: whoever reads looks at <see cref="SettingsErrors.Any"/> at the end, before anything is built.
/// <see cref="End"/> of the outermost reader reports every key that nobody asked for, in all sections below too.
/// </summary>
public sealed partial class SettingsReader
{
    private readonly SettingsMapping _section;
    private readonly SettingsErrors _errors;
    private readonly SettingsTrace? _trace;
    private readonly HashSet<string> _known = [];
    private readonly HashSet<string> _refused = [];
    private readonly List<SettingsReader> _children = [];

    // In a section that is no section, what is missing is not worth a second message.
    private readonly bool _isBroken;

    /// <param name="node">The section; anything else is a mistake, an empty value is an empty section.</param>
    /// <param name="keyPath">Where it stands: <c>mail</c>, empty for the whole file.</param>
    /// <param name="errors">Where mistakes go.</param>
    /// <param name="trace">Where every value that was read is noted, for <c>config show</c>.</param>
    public SettingsReader(SettingsNode node, string keyPath, SettingsErrors errors, SettingsTrace? trace = null)
    {
        KeyPath = keyPath;
        _errors = errors;
        _trace = trace;
        Position = node.Position;
        if (node is SettingsMapping section)
        {
            _section = section;
            return;
        }

        _section = SettingsMapping.Empty(node.Position);
        if (node is not SettingsScalar { IsNull: true })
        {
            _isBroken = true;
            Report(node.Position, keyPath, node.Describe(), "a section");
        }
    }

    /// <summary>The path from the file's root; empty there.</summary>
    public string KeyPath { get; }

    public Position Position { get; }

    /// <summary>The keys as written, in that order.</summary>
    public IEnumerable<string> Keys => _section.Entries.Select(entry => entry.Key);

    public bool Has(string key) => Find(key) is not null;

    /// <summary>Where the key's value stands; the section's own place when there is none.</summary>
    public Position PositionOf(string key) => Find(key)?.Value.Position ?? Position;

    /// <summary>The raw value of a key that may take more than one form; null when absent. It counts as asked for.</summary>
    public SettingsNode? Node(string key) => Ask(key)?.Value;

    /// <summary>A key without which nothing works.</summary>
    public T Required<T>(string key, SettingsType<T> type)
    {
        if (Ask(key) is { } entry)
        {
            return Scalar(entry.Value, PathOf(key), type);
        }

        Missing(key, type.Allowed);
        return type.StandIn;
    }

    /// <summary>A key that may be left out. Written and empty is a mistake, not the default.</summary>
    public T Optional<T>(string key, T fallback, SettingsType<T> type)
        => Ask(key) is { } entry ? Scalar(entry.Value, PathOf(key), type) : Default(key, fallback, type);

    /// <summary>A key that may be left out, and has no default.</summary>
    public T? OptionalOrNull<T>(string key, SettingsType<T> type)
        where T : class => Ask(key) is { } entry ? Scalar(entry.Value, PathOf(key), type) : null;

    /// <inheritdoc cref="OptionalOrNull{T}"/>
    public T? OptionalValue<T>(string key, SettingsType<T> type)
        where T : struct => Ask(key) is { } entry ? Scalar(entry.Value, PathOf(key), type) : null;

    /// <summary>A key that means something, but not here or not yet: present, it is a mistake with this hint.</summary>
    public void Refuse(string key, string hint)
    {
        // Not one of the known keys: it is not to be offered among what is allowed.
        _refused.Add(key);
        if (Find(key) is { } entry)
        {
            Report(entry.KeyPosition, PathOf(key), $"'{key}'", "", hint);
        }
    }

    /// <summary>A mistake that only whoever reads can see: two values that contradict each other, a duplicate.</summary>
    /// <param name="key">The key at whose value the message points.</param>
    /// <param name="allowed">Completes "allowed: …".</param>
    /// <param name="hint">What to do, or where the other value stands; may be empty.</param>
    public void Mistake(string key, string allowed, string hint = "")
        => Report(PositionOf(key), PathOf(key), Find(key)?.Value.Describe() ?? "nothing", allowed, hint);

    /// <summary>Reports the keys that nobody asked for, here and in every section that was read from here.</summary>
    public void End()
    {
        foreach (var entry in _section.Entries)
        {
            if (!_known.Any(entry.IsCalled) && !_refused.Any(entry.IsCalled))
            {
                var nearest = NearestName.Of(entry.Key, _known.Order());
                var hint = nearest is null ? "" : $"did you mean '{nearest}'?";
                var allowed = _known.Count == 0 ? "no key at all" : string.Join(", ", _known.Order());
                Report(entry.KeyPosition, PathOf(Shown.Line(entry.Key)), $"an unknown key {Shown.Quoted(entry.Key)}", allowed, hint);
            }
        }

        foreach (var child in _children)
        {
            child.End();
        }
    }

    private SettingsEntry? Ask(string key)
    {
        _known.Add(key);
        return Find(key);
    }

    private SettingsEntry? Find(string key)
    {
        SettingsEntry? loose = null;
        foreach (var entry in _section.Entries)
        {
            if (entry.Key == key)
            {
                return entry;
            }

            loose = entry.IsLoose && entry.IsCalled(key) ? entry : loose;
        }

        return loose;
    }

    private string PathOf(string key) => KeyPath is "" ? key : $"{KeyPath}.{key}";

    private T Scalar<T>(SettingsNode node, string path, SettingsType<T> type)
    {
        if (node is SettingsScalar { IsNull: false } scalar && type.TryParse(scalar.Value, out var value))
        {
            _trace?.Add(path, type.IsSecret ? SettingsTrace.Masked : scalar.Value, node.Position.ToString());
            return value;
        }

        Report(node.Position, path, type.IsSecret && node is SettingsScalar ? "a value that is not shown" : node.Describe(), type.Allowed);
        return type.StandIn;
    }

    private T Default<T>(string key, T fallback, SettingsType<T> type)
    {
        _trace?.Add(PathOf(key), type.IsSecret ? SettingsTrace.Masked : SettingsTrace.Format(fallback), SettingsTrace.Default);
        return fallback;
    }

    private void Missing(string key, string allowed)
    {
        if (!_isBroken)
        {
            Report(Position, PathOf(key), "nothing", allowed, "this key is required");
        }
    }

    private void Report(Position at, string path, string found, string allowed, string hint = "")
        => _errors.Add(new SettingsError(at, path, found, allowed, hint));
}
