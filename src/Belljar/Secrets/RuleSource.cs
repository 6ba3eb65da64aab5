using Belljar.Detection;
using Belljar.Detection.Rules;
using Belljar.Hosting;

namespace Belljar.Secrets;

/// <summary>Where the rules of a scan come from. Files in what is scanned have no say in it.</summary>
internal static class RuleSource
{
    private const int WrongFile = 2;

    private static readonly Allowlist AllowComments = new()
    {
        Description = "comments that allow",
        RegexTarget = AllowlistTarget.Line,
        Regexes = ["(?:gitleaks|belljar):allow"],
    };

    public static RuleSet Load(string? path, bool honoursComments)
    {
        var file = path is null ? OwnRules.File : Read(path);
        if (honoursComments)
        {
            file = file with { Allowlists = [.. file.Allowlists, AllowComments] };
        }

        return RuleSet.TryCompile(file, [], out var set, out var errors)
            ? set
            : throw new OperatorException($"{path}: {string.Join("; ", errors)}", WrongFile);
    }

    private static RuleFile Read(string path)
    {
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return RuleFileExtender.Resolve(Parse(path), extended => Parse(Path.Combine(folder, extended)));
        }
        catch (InvalidDataException circle)
        {
            throw new OperatorException($"{path}: {circle.Message}", WrongFile);
        }
    }

    private static RuleFile Parse(string path) => RuleFile.TryParse(File.ReadAllBytes(path), out var file, out var errors)
        ? file
        : throw new OperatorException($"{path}: {string.Join("; ", errors)}", WrongFile);
}
