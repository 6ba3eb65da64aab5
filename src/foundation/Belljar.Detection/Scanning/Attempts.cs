using System.Runtime.InteropServices;

namespace Belljar.Detection.Scanning;

/// <summary>
/// Where each rule is still to be tried. Keywords that lie close together are tried together: a regex that runs on is followed
/// for up to <see cref="RuleSet.MaxSecretLength"/> beyond its beginning, and a flood of keywords would have that done for each.
/// </summary>
internal sealed class Attempts(int rules)
{
    /// <summary>Bytes between two places that are still tried together: what runs on is followed once for each so many.</summary>
    private const int Gap = 512;

    private readonly Attempt[] _attempts = new Attempt[rules];
    private readonly bool[] _isPending = new bool[rules];
    private readonly int[] _pending = new int[rules];
    private int _count;

    /// <param name="first">Where the rule's match may begin. Attempts of one rule come in order.</param>
    /// <param name="before">The attempt that is to be made now, when this one is too far from it to be joined.</param>
    /// <returns>Whether there is nothing to do yet.</returns>
    public bool TryExtend(int rule, int first, int last, out Attempt before)
    {
        ref var pending = ref _attempts[rule];
        before = pending;
        if (!_isPending[rule])
        {
            _isPending[rule] = true;
            _pending[_count++] = rule;
            pending = new Attempt(first, last);
            return true;
        }

        if (first - pending.Last > Gap)
        {
            pending = new Attempt(first, last);
            return false;
        }

        pending = new Attempt(pending.First, Math.Max(pending.Last, last));
        return true;
    }

    /// <returns>False: none is left.</returns>
    public bool TryTake(out int rule, out Attempt attempt)
    {
        if (_count == 0)
        {
            (rule, attempt) = (0, default);
            return false;
        }

        rule = _pending[--_count];
        attempt = _attempts[rule];
        _isPending[rule] = false;
        return true;
    }
}

/// <param name="First">Where a match may begin.</param>
/// <param name="Last">The last such place.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Attempt(int First, int Last);
