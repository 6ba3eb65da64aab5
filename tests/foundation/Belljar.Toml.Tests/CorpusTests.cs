using System.Text.Json;
using Belljar.Testing;

namespace Belljar.Toml.Tests;

/// <summary>The public conformance suite, as far as it is about TOML 1.0.</summary>
public class CorpusTests
{
    [Fact]
    public void Parse_EveryValidDocument_AgreesWithTheExpectedValues()
    {
        var folder = Path.Combine(Corpora.Folder("toml"), "tests");
        var names = Names(folder, "valid/");
        var failures = names.Select(name => Check(Path.Combine(folder, name))).OfType<string>().ToList();

        CorpusCount.Report("toml valid", names.Count - failures.Count, names.Count);
        Assert.Empty(failures);
        Assert.Equal(210, names.Count);
    }

    [Fact]
    public void Parse_EveryInvalidDocument_IsRefusedWithAPosition()
    {
        var folder = Path.Combine(Corpora.Folder("toml"), "tests");
        var names = Names(folder, "invalid/");
        var accepted = names.Where(name => !IsRefused(Path.Combine(folder, name))).ToList();

        CorpusCount.Report("toml invalid, refused", names.Count - accepted.Count, names.Count);
        Assert.Empty(accepted);
        Assert.Equal(499, names.Count);
    }

    [Fact]
    public void Write_EveryValidDocument_ReadsBackTheSame()
    {
        var folder = Path.Combine(Corpora.Folder("toml"), "tests");
        foreach (var name in Names(folder, "valid/"))
        {
            var root = TomlDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name)));
            var written = TomlWriter.WriteUtf8(root);

            Assert.True(TomlDocument.TryParse(written, out var again, out var error), $"{name}: {error}");
            Trees.AssertSame(root, again);
        }
    }

    private static List<string> Names(string folder, string start) =>
        [.. File.ReadLines(Path.Combine(folder, "files-toml-1.0.0"))
            .Where(line => line.StartsWith(start, StringComparison.Ordinal) && line.EndsWith(".toml", StringComparison.Ordinal))];

    private static string? Check(string file)
    {
        if (!TomlDocument.TryParse(File.ReadAllBytes(file), out var root, out var error))
        {
            return $"{file}: {error}";
        }

        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(file, ".json")));
        return TaggedJson.Difference(root, expected.RootElement) is { } difference ? $"{file}: {difference}" : null;
    }

    private static bool IsRefused(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return !TomlDocument.TryParse(bytes, out _, out var error)
            && error.Position.Line >= 1
            && error.Position.Line <= bytes.Count(b => b == '\n') + 1
            && error.Position.Column >= 1;
    }
}
