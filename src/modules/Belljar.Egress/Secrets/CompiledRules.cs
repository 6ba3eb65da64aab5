using System.Text;
using Belljar.Detection;
using Belljar.Detection.Rules;
using FindingKind = Belljar.Egress.Scanning.FindingKind;

namespace Belljar.Egress.Secrets;

/// <summary>
/// Our rules together with the values of one set of routes. Compiling takes a good part of a second, and a change of routes
/// mostly leaves the values as they were: so the last set is kept, and such a change is in force at once.
/// </summary>
internal static class CompiledRules
{
    private static readonly Lazy<RuleSet> WithoutValues = new(() => RuleSet.Compile(OwnRules.File, []));
    private static volatile Last? _last;

    public static RuleSet With(IReadOnlyList<(FindingKind Kind, string Name, string Value)> values)
    {
        if (values.Count == 0)
        {
            return WithoutValues.Value;
        }

        if (_last is { } last && last.Values.SequenceEqual(values))
        {
            return last.Rules;
        }

        var rules = RuleSet.Compile(
            OwnRules.File,
            values.Select(value => new ExactValue(value.Name, Encoding.UTF8.GetBytes(value.Value), (Detection.FindingKind)value.Kind))
                .Where(value => value.Value.Length >= ExactValue.ShortestValue));
        _last = new Last(values, rules);
        return rules;
    }

    /// <summary>No record: nothing may print the values.</summary>
    private sealed class Last(IReadOnlyList<(FindingKind Kind, string Name, string Value)> values, RuleSet rules)
    {
        public IReadOnlyList<(FindingKind Kind, string Name, string Value)> Values => values;

        public RuleSet Rules => rules;
    }
}
