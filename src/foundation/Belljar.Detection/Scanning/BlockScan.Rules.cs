using Belljar.Detection.Rules;

namespace Belljar.Detection.Scanning;

/// <summary>From a place where a rule may match to a candidate.</summary>
internal sealed partial class BlockScan
{
    /// <summary>How much of a line an allow-list sees on either side of a match.</summary>
    private const int LineReach = 1024;

    /// <summary>How far a composite rule looks for its other halves.</summary>
    private const int RequiredReach = 4096;

    private void Try(int number, ReadOnlySpan<byte> text, int first, int last, bool isTextStart, long[] tried, long offset)
    {
        var rule = _set.Compiled[number];
        if (rule.Pattern < 0)
        {
            return;
        }

        first = (int)Math.Max(Math.Max(first, 0), tried[number] - offset);
        last = Math.Min(last, text.Length - 1);
        if (first > last)
        {
            return;
        }

        var pattern = _set.Patterns[rule.Pattern];
        var automaton = Automaton(rule.Pattern);
        var end = Math.Min(text.Length, last + rule.MaxLength);
        while (first <= last)
        {
            var matchEnd = automaton.FindEnd(text, first, last, end, isTextStart);
            if (matchEnd < 0 || !_captures.TryMatch(pattern.Program, text, first, last, matchEnd, isTextStart, _slots))
            {
                break;
            }

            if (!rule.Rule.SkipReport && IsSecret(rule, text, _slots, out var start, out var stop) && HasRequired(rule, text, isTextStart))
            {
                Keep(rule, text, start, stop);
            }

            first = Math.Max(matchEnd, _slots[0] + 1);
        }

        tried[number] = offset + Math.Max(first, last + 1);
    }

    private bool IsSecret(CompiledRule rule, ReadOnlySpan<byte> text, int[] slots, out int start, out int end)
    {
        (start, end) = SecretOf(rule, slots);
        var secret = text[start..end];
        if (rule.Rule.Entropy is { } least && Entropy.Of(secret) <= least)
        {
            return false;
        }

        if (rule.Validator is { } validator && !validator(secret))
        {
            return false;
        }

        return (rule.PathPattern < 0 || (Path is not null && IsMatch(rule.PathPattern, PathBytes))) && !IsAllowed(rule, text, slots, secret);
    }

    /// <summary>The group that the rule names, else the first that took part, else all of the match.</summary>
    private static (int Start, int End) SecretOf(CompiledRule rule, int[] slots)
    {
        if (rule.Rule.SecretGroup > 0)
        {
            var at = 2 * rule.Rule.SecretGroup;
            return slots[at] >= 0 ? (slots[at], slots[at + 1]) : (slots[0], slots[1]);
        }

        for (var group = 1; group < rule.Groups; group++)
        {
            if (slots[2 * group] >= 0 && slots[(2 * group) + 1] > slots[2 * group])
            {
                return (slots[2 * group], slots[(2 * group) + 1]);
            }
        }

        return (slots[0], slots[1]);
    }

    private bool IsAllowed(CompiledRule rule, ReadOnlySpan<byte> text, int[] slots, ReadOnlySpan<byte> secret)
    {
        if (rule.Allowlists.Length == 0 && _set.Global.Length == 0)
        {
            return false;
        }

        var match = text[slots[0]..slots[1]];
        var before = text[Math.Max(0, slots[0] - LineReach)..slots[0]];
        var lineStart = slots[0] - (before.Length - 1 - before.LastIndexOf((byte)'\n'));
        var after = text[slots[1]..Math.Min(text.Length, slots[1] + LineReach)];
        var lineEnd = slots[1] + (after.IndexOf((byte)'\n') is var newline and >= 0 ? newline : after.Length);
        var line = text[lineStart..lineEnd];
        foreach (var list in rule.Allowlists)
        {
            if (list.Covers(this, secret, match, line))
            {
                return true;
            }
        }

        foreach (var (list, source) in _set.Global)
        {
            if ((source.TargetRules.Count == 0 || source.TargetRules.Contains(rule.Rule.Id)) && list.Covers(this, secret, match, line))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasRequired(CompiledRule rule, ReadOnlySpan<byte> text, bool isTextStart)
    {
        foreach (var (number, terms) in rule.Required)
        {
            if (!HasNearby(_set.Compiled[number], terms, text, _slots[0], isTextStart))
            {
                return false;
            }
        }

        return true;
    }

    private bool HasNearby(CompiledRule other, RequiredRule terms, ReadOnlySpan<byte> text, int place, bool isTextStart)
    {
        var first = Math.Max(0, place - RequiredReach);
        var last = Math.Min(text.Length - 1, place + RequiredReach);
        var pattern = _set.Patterns[other.Pattern];
        while (first <= last)
        {
            var end = Math.Min(text.Length, last + other.MaxLength);
            var matchEnd = Automaton(other.Pattern).FindEnd(text, first, last, end, isTextStart);
            if (matchEnd < 0 || !_captures.TryMatch(pattern.Program, text, first, last, matchEnd, isTextStart, _otherSlots))
            {
                return false;
            }

            if (IsNear(text, place, _otherSlots[0], terms) && IsSecret(other, text, _otherSlots, out _, out _))
            {
                return true;
            }

            first = Math.Max(matchEnd, _otherSlots[0] + 1);
        }

        return false;
    }

    private static bool IsNear(ReadOnlySpan<byte> text, int place, int other, RequiredRule terms)
    {
        var lines = text[Math.Min(place, other)..Math.Max(place, other)].Count((byte)'\n');
        return (terms.WithinLines is not { } mostLines || lines <= mostLines)
            && (terms.WithinColumns is not { } mostColumns || Math.Abs(Column(text, place) - Column(text, other)) <= mostColumns);
    }

    private static int Column(ReadOnlySpan<byte> text, int place) => place - (text[..place].LastIndexOf((byte)'\n') + 1);

    private void Keep(CompiledRule rule, ReadOnlySpan<byte> text, int start, int end)
    {
        var secret = text[start..end];
        Found.Add(new Candidate
        {
            Kind = FindingKind.Rule,
            RuleId = rule.Rule.Id,
            Sample = Redaction.Sample(secret),
            Tag = Redaction.Tag(rule.Rule.Id, secret),
            IsGeneric = rule.IsGeneric,
            Start = start,
            End = end,
        });
    }

    /// <summary>Of an exact value nothing is shown: it may be a short password.</summary>
    private void Keep(LiteralTarget target, ReadOnlySpan<byte> text, int start, int end)
    {
        var value = _set.Values[target.Value];
        Found.Add(new Candidate
        {
            Kind = value.Kind,
            RuleId = value.Id,
            Sample = "…",
            Tag = Redaction.Tag(value.Id, text[start..end]),
            Start = start,
            End = end,
            Encoding = target.Encoding,
        });
    }
}
