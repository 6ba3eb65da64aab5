using System.Reflection;

namespace Belljar.Detection.Rules;

/// <summary>The rules that come with the program: every file of <c>Rules/Own</c>, in order of name.</summary>
public static class OwnRules
{
    private static readonly Lazy<RuleFile> Loaded = new(Load);

    /// <exception cref="InvalidDataException">A shipped file is wrong; a test reads them all.</exception>
    public static RuleFile File => Loaded.Value;

    private static RuleFile Load()
    {
        var assembly = typeof(OwnRules).Assembly;
        var rules = new List<Rule>();
        var allowlists = new List<Allowlist>();
        foreach (var name in assembly.GetManifestResourceNames().Where(IsRuleFile).Order(StringComparer.Ordinal))
        {
            if (!RuleFile.TryParse(Bytes(assembly, name), out var file, out var errors))
            {
                throw new InvalidDataException($"{name}: {string.Join("; ", errors)}");
            }

            rules.AddRange(file.Rules);
            allowlists.AddRange(file.Allowlists);
        }

        return new RuleFile { Title = "Belljar", Rules = rules, Allowlists = allowlists };
    }

    private static bool IsRuleFile(string name) => name.StartsWith("rules/", StringComparison.Ordinal);

    private static byte[] Bytes(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
