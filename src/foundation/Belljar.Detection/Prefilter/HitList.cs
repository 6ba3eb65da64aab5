using System.Runtime.InteropServices;

namespace Belljar.Detection.Prefilter;

/// <summary>Where literals begin, in order of position; one list is used again and again.</summary>
internal sealed class HitList
{
    private Hit[] _hits = new Hit[64];

    public int Count { get; private set; }

    public Hit this[int index] => _hits[index];

    public void Clear() => Count = 0;

    /// <summary>Literals are noticed at their rarest part, so a later one may be noticed earlier: it is put in its place.</summary>
    public void Add(int start, int literal)
    {
        if (Count == _hits.Length)
        {
            Array.Resize(ref _hits, 2 * Count);
        }

        var at = Count++;
        while (at > 0 && _hits[at - 1].Start > start)
        {
            _hits[at] = _hits[at - 1];
            at--;
        }

        _hits[at] = new Hit(start, literal);
    }
}

[StructLayout(LayoutKind.Auto)]
internal readonly record struct Hit(int Start, int Literal);
