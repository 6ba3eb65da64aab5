namespace Belljar.Detection;

/// <summary>
/// Scans one stream of bytes as it comes. How it is cut into pieces makes no difference to what is found. Not thread-safe;
/// its <see cref="RuleSet"/> is.
/// </summary>
public sealed class Scanner : IDisposable
{
    private readonly List<Finding> _findings = [];

    /// <param name="path">The file's name, for rules and allow-lists that ask; null where there is none.</param>
    public Scanner(RuleSet rules, string? path = null)
    {
        Rules = rules;
        Path = path;
    }

    public RuleSet Rules { get; }

    public string? Path { get; }

    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Bytes pushed so far.</summary>
    public long Pushed { get; private set; }

    /// <summary>No finding that is still to come begins before this offset.</summary>
    public long JudgedThrough { get; private set; }

    /// <summary>Something was not looked at because a limit was reached; null: everything was.</summary>
    public string? Incomplete { get; private set; }

    public void Push(ReadOnlySpan<byte> bytes) => Pushed += bytes.Length;

    /// <summary>There is no more.</summary>
    public void Complete() => JudgedThrough = Pushed;

    public void Dispose()
    {
    }
}
