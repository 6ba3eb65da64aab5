using System.Runtime.InteropServices;
using System.Text;
using Belljar.Detection.Decoding;
using Belljar.Detection.Patterns;
using Belljar.Detection.Prefilter;
using Belljar.Detection.Rules;
using Belljar.Detection.Validators;

namespace Belljar.Detection.Scanning;

/// <summary>A literal announces a rule, or is an exact value, perhaps encoded.</summary>
/// <param name="Rule">-1: a value.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LiteralTarget(int Rule, int Value, string Encoding);

/// <summary>Gathers rules and values, their patterns and literals, and what is wrong with them.</summary>
internal sealed class RuleSetBuilder
{
    /// <summary>How far around a keyword a regex is tried that does not spell it.</summary>
    private const int Vicinity = 1024;

    private readonly Dictionary<(string Text, bool IsExact), int> _literalNumbers = [];
    private readonly Dictionary<string, int> _patternNumbers = [];

    public List<CompiledRule> Rules { get; } = [];

    public List<Pattern> Patterns { get; } = [];

    public List<Literal> Literals { get; } = [];

    public List<List<LiteralTarget>> Targets { get; } = [];

    public List<ExactValue> Values { get; } = [];

    public List<int> Unfiltered { get; } = [];

    public List<string> Errors { get; } = [];

    public List<(CompiledAllowlist List, Allowlist Source)> Global { get; } = [];

    public void Add(RuleFile file)
    {
        foreach (var rule in file.Rules)
        {
            Add(rule);
        }

        foreach (var list in file.Allowlists)
        {
            Global.Add((Compile(list, "the file's allow-list"), list));
        }

        var numbers = Rules.Index().ToDictionary(item => item.Item.Rule.Id, item => item.Index);
        foreach (var rule in Rules)
        {
            rule.Required = [.. rule.Rule.Required.Select(terms => (NumberOf(rule, terms, numbers), terms))];
        }
    }

    public void Add(ExactValue value)
    {
        if (value.Value.Length < ExactValue.ShortestValue)
        {
            Errors.Add($"{value.Id}: a value needs at least {ExactValue.ShortestValue} bytes to be looked for");
            return;
        }

        var number = Values.Count;
        Values.Add(value);
        foreach (var form in EncodedForms.ForDecodingScan(value.Value.Span))
        {
            Target(form.Bytes.ToArray(), isExact: true, new LiteralTarget(-1, number, form.Encoding));
        }
    }

    private int NumberOf(CompiledRule rule, RequiredRule terms, Dictionary<string, int> numbers)
    {
        if (numbers.TryGetValue(terms.Id, out var number) && Rules[number].Pattern >= 0)
        {
            return number;
        }

        Errors.Add($"{rule.Rule.Id}: the required rule '{terms.Id}' is not there");
        return 0;
    }

    private void Add(Rule rule)
    {
        if (rule.Regex is null && rule.Path is null)
        {
            Errors.Add($"{rule.Id}: a rule needs a regex or a path");
            return;
        }

        var number = Rules.Count;
        var pattern = rule.Regex is { } regex ? Compile(regex, rule.Id) : -1;
        var compiled = new CompiledRule
        {
            Rule = rule,
            Pattern = pattern,
            PathPattern = rule.Path is { } path ? Compile(path, rule.Id) : -1,
            Groups = pattern < 0 ? 0 : Patterns[pattern].Groups,
            MaxLength = pattern < 0 ? 0 : Math.Min(Patterns[pattern].Tree.MaxLength, RuleSet.MaxSecretLength),
            Before = pattern < 0 ? (0, 0) : Announce(rule, number, Patterns[pattern]),
            Allowlists = [.. rule.Allowlists.Select(list => Compile(list, rule.Id))],
            Validator = rule.Validator is { } validator && ValidatorCatalogue.Contains(validator) ? ValidatorCatalogue.Get(validator) : null,
        };
        if (rule.SecretGroup >= Math.Max(compiled.Groups, 1))
        {
            Errors.Add($"{rule.Id}: its regex has no group {rule.SecretGroup}");
        }

        if (rule.Validator is not null && compiled.Validator is null)
        {
            Errors.Add($"{rule.Id}: there is no validator '{rule.Validator}'");
        }

        Rules.Add(compiled);
    }

    /// <summary>Enters the rule under its keywords, else under literals of which its regex needs one.</summary>
    private (int Least, int Most) Announce(Rule rule, int number, Pattern pattern)
    {
        var keywords = rule.Keywords.Select(keyword => keyword.ToLowerInvariant()).Distinct().ToList();
        if (keywords.Count == 0 || keywords.Any(keyword => Encoding.UTF8.GetByteCount(keyword) < LiteralSet.Shortest))
        {
            keywords = RequiredLiterals.Find(pattern.Tree, LiteralSet.Shortest)?.ToList() ?? [];
        }

        if (keywords.Count == 0)
        {
            Unfiltered.Add(number);
            return (0, 0);
        }

        (int Least, int Most)? before = null;
        foreach (var keyword in keywords)
        {
            Target(Encoding.UTF8.GetBytes(keyword), isExact: false, new LiteralTarget(number, -1, ""));
            var place = KeywordPlaces.Find(pattern.Program, keyword) ?? (-Vicinity, Vicinity);
            before = before is { } known ? (Math.Min(known.Least, place.Least), Math.Max(known.Most, place.Most)) : place;
        }

        return (before!.Value.Least, Math.Min(before.Value.Most, Vicinity));
    }

    private void Target(byte[] bytes, bool isExact, LiteralTarget target)
    {
        var key = (Convert.ToHexString(bytes), isExact);
        if (!_literalNumbers.TryGetValue(key, out var literal))
        {
            _literalNumbers[key] = literal = Literals.Count;
            Literals.Add(new Literal(bytes, isExact));
            Targets.Add([]);
        }

        Targets[literal].Add(target);
    }

    private CompiledAllowlist Compile(Allowlist list, string owner) => new(
        list,
        [.. list.Regexes.Select(regex => Compile(regex, owner)).Where(number => number >= 0)],
        [.. list.Paths.Select(regex => Compile(regex, owner)).Where(number => number >= 0)]);

    private int Compile(string regex, string owner)
    {
        if (_patternNumbers.TryGetValue(regex, out var known))
        {
            return known;
        }

        if (!Pattern.TryParse(regex, out var pattern, out var error))
        {
            Errors.Add($"{owner}: {error}");
            return -1;
        }

        Patterns.Add(pattern);
        return _patternNumbers[regex] = Patterns.Count - 1;
    }
}
