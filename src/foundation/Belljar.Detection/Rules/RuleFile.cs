using System.Diagnostics.CodeAnalysis;
using Belljar.Toml;

namespace Belljar.Detection.Rules;

/// <summary>One file of rules as it was written, its extensions not yet followed (<see cref="RuleFileExtension"/>).</summary>
public sealed record RuleFile
{
    public string? Title { get; init; }

    public RuleFileExtension? Extend { get; init; }

    public IReadOnlyList<Rule> Rules { get; init; } = [];

    /// <summary>The file's own lists, which concern all rules or those that they name.</summary>
    public IReadOnlyList<Allowlist> Allowlists { get; init; } = [];

    /// <summary>Reads UTF-8 TOML and reports every mistake, not only the first.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> utf8,
        [NotNullWhen(true)] out RuleFile? file,
        out IReadOnlyList<RuleFileError> errors)
    {
        if (!TomlDocument.TryParse(utf8, out var root, out var error))
        {
            file = null;
            errors = [new RuleFileError(error.Message, error.Position)];
            return false;
        }

        var reader = new RuleFileReader();
        file = reader.Read(root);
        errors = reader.Errors;
        if (errors.Count > 0)
        {
            file = null;
        }

        return file is not null;
    }
}

/// <param name="UseDefault">On top of our own rules.</param>
/// <param name="Path">On top of another file.</param>
public sealed record RuleFileExtension(bool UseDefault, string? Path, IReadOnlyList<string> DisabledRules);

/// <summary>A mistake in a rule file, and where.</summary>
public sealed record RuleFileError(string Message, TomlPosition Position)
{
    public override string ToString() => $"{Position}: {Message}";
}
