namespace Belljar.Detection.Rules;

/// <summary>Follows <c>[extend]</c>: what a file says comes on top of what it extends.</summary>
public static class RuleFileExtender
{
    /// <summary>Files that extend one another any deeper are a loop, or as good as one.</summary>
    private const int MostFiles = 8;

    /// <param name="open">Reads the file that <c>path</c> names; whoever has a file system gives it.</param>
    /// <exception cref="InvalidDataException">Files extend one another in a circle.</exception>
    public static RuleFile Resolve(RuleFile file, Func<string, RuleFile> open, int depth = 0)
    {
        if (file.Extend is not { } extend)
        {
            return file;
        }

        if (depth == MostFiles)
        {
            throw new InvalidDataException("rule files extend one another too often");
        }

        var below = extend.Path is { Length: > 0 } path ? Resolve(open(path), open, depth + 1) : new RuleFile();
        if (extend.UseDefault)
        {
            below = Merge(OwnRules.File, below);
        }

        below = below with { Rules = [.. below.Rules.Where(rule => !extend.DisabledRules.Contains(rule.Id))] };
        return Merge(below, file);
    }

    private static RuleFile Merge(RuleFile below, RuleFile above)
    {
        var changes = above.Rules.ToDictionary(rule => rule.Id);
        var known = below.Rules.Select(rule => rule.Id).ToHashSet();
        return above with
        {
            Extend = null,
            Rules = [.. below.Rules.Select(rule => changes.TryGetValue(rule.Id, out var change) ? Merge(rule, change) : rule), .. above.Rules.Where(rule => !known.Contains(rule.Id))],
            Allowlists = [.. below.Allowlists, .. above.Allowlists],
        };
    }

    /// <summary>Single values are replaced where the upper file gives one; lists are added to.</summary>
    private static Rule Merge(Rule below, Rule above) => below with
    {
        Description = above.Description.Length > 0 ? above.Description : below.Description,
        Regex = above.Regex ?? below.Regex,
        Path = above.Path ?? below.Path,
        SecretGroup = above.SecretGroup > 0 ? above.SecretGroup : below.SecretGroup,
        Entropy = above.Entropy ?? below.Entropy,
        Validator = above.Validator ?? below.Validator,
        Service = above.Service ?? below.Service,
        SkipReport = above.SkipReport || below.SkipReport,
        Keywords = [.. below.Keywords, .. above.Keywords],
        Tags = [.. below.Tags, .. above.Tags],
        Allowlists = [.. below.Allowlists, .. above.Allowlists],
        Required = [.. below.Required, .. above.Required],
    };
}
