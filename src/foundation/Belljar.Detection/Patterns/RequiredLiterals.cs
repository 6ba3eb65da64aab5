namespace Belljar.Detection.Patterns;

/// <summary>Strings of which every match contains at least one: the keywords of a rule that names none.</summary>
internal static class RequiredLiterals
{
    private const int MostStrings = 64;
    private const int MostInARun = 32;

    /// <returns>In lower case, each of at least <paramref name="shortest"/> characters; null: there are no such strings.</returns>
    public static IReadOnlyCollection<string>? Find(Node tree, int shortest)
    {
        var items = new List<Node>();
        Flatten(tree, items);
        HashSet<string>? best = null;
        HashSet<string> run = [""];
        foreach (var item in items)
        {
            if (Literals(item) is { } literals)
            {
                var longer = new HashSet<string>(run.SelectMany(before => literals.Select(after => before + after)));
                if (longer.Count <= MostInARun)
                {
                    run = longer;
                    continue;
                }
            }

            best = Better(best, run, shortest);
            best = Better(best, Inside(item, shortest), shortest);
            run = [""];
        }

        return Better(best, run, shortest);
    }

    private static HashSet<string>? Inside(Node item, int shortest)
    {
        switch (item)
        {
            case Node.Repeat { Min: > 0 } repeat:
                return Find(repeat.Item, shortest)?.ToHashSet();
            case Node.Choice choice:
                var all = new HashSet<string>();
                foreach (var branch in choice.Branches)
                {
                    if (Find(branch, shortest) is not { } found)
                    {
                        return null;
                    }

                    all.UnionWith(found);
                }

                return all;
            default:
                return null;
        }
    }

    private static HashSet<string>? Better(HashSet<string>? best, HashSet<string>? candidate, int shortest)
    {
        if (candidate is null or { Count: 0 or > MostStrings } || candidate.Min(text => text.Length) < shortest)
        {
            return best;
        }

        return best is null || Worth(candidate) > Worth(best) ? candidate : best;
    }

    private static double Worth(HashSet<string> strings) => (4 * Math.Min(strings.Min(text => text.Length), 8)) - Math.Log2(strings.Count);

    private static void Flatten(Node node, List<Node> items)
    {
        switch (node)
        {
            case Node.Group group:
                Flatten(group.Item, items);
                break;
            case Node.Sequence sequence:
                foreach (var item in sequence.Items)
                {
                    Flatten(item, items);
                }

                break;
            case Node.Assertion or Node.Nothing:
                break;
            default:
                items.Add(node);
                break;
        }
    }

    /// <returns>What the node spells, when it is so few strings; null otherwise.</returns>
    private static List<string>? Literals(Node node)
    {
        switch (node)
        {
            case Node.Bytes bytes when KeywordPlaces.IsLiteral(bytes.Set) && (bytes.Set & ByteSet.NotAscii).IsEmpty:
                return [.. bytes.Set.Values().Select(value => char.ToLowerInvariant((char)value).ToString()).Distinct()];
            case Node.Choice choice:
                var all = new List<string>();
                foreach (var branch in choice.Branches)
                {
                    var parts = new List<Node>();
                    Flatten(branch, parts);
                    List<string> spelled = [""];
                    foreach (var part in parts)
                    {
                        if (part is not Node.Bytes || Literals(part) is not { } next)
                        {
                            return null;
                        }

                        spelled = [.. spelled.SelectMany(before => next.Select(after => before + after))];
                        if (spelled.Count > MostInARun)
                        {
                            return null;
                        }
                    }

                    all.AddRange(spelled);
                }

                return all.Count <= MostInARun ? all : null;
            default:
                return null;
        }
    }
}
