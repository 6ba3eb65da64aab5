using System.Runtime.InteropServices;

namespace Belljar.Egress.Secrets;

/// <summary>A text that ends where the reader stands.</summary>
/// <param name="Owner">Whose text it is: the number that it was added with.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ValueMatch(int Owner, int Length);

/// <summary>
/// Finds many exact texts in a stream at once (Aho and Corasick, 1975), one table look-up a byte. The state is one number,
/// so the answer is the same however the stream is cut; and it says how many of the last bytes could still be the
/// beginning of a text, which is all that somebody who must not let one through has to hold back.
/// </summary>
internal sealed class ValueAutomaton
{
    /// <summary>The state before the first byte.</summary>
    public const int Start = 0;

    private readonly ushort[] _classOf = new ushort[256];
    private readonly int _classes;

    // The next state for a state and a class of bytes, times the number of classes; inverted where a text ends.
    private readonly int[] _next;
    private readonly int[] _depth;
    private readonly ValueMatch[] _match;

    /// <param name="texts">None empty. Where several end at one place, the longest is told.</param>
    public ValueAutomaton(IReadOnlyCollection<(int Owner, byte[] Text)> texts)
    {
        Longest = texts.Select(text => text.Text.Length).DefaultIfEmpty(0).Max();
        _classes = 1;
        foreach (var octet in texts.SelectMany(text => text.Text))
        {
            if (_classOf[octet] == 0)
            {
                _classOf[octet] = (ushort)_classes++;
            }
        }

        var trie = new Trie(_classes);
        foreach (var (owner, text) in texts)
        {
            trie.Add(text, octet => _classOf[octet], owner);
        }

        (_next, _depth, _match) = trie.Close();
    }

    /// <summary>The length of the longest text; 0 when there is none to look for.</summary>
    public int Longest { get; }

    /// <summary>How many of the bytes before this state may be the beginning of a text.</summary>
    public int Pending(int state) => _depth[state / _classes];

    /// <summary>Reads on until a text ends.</summary>
    /// <param name="at">Where to begin; afterwards, behind the last byte of the text, or at the end.</param>
    /// <returns>False at the end of the bytes.</returns>
    public bool Next(ReadOnlySpan<byte> bytes, ref int at, ref int state, out ValueMatch match)
    {
        var (next, classOf, here) = (_next, _classOf, state);
        for (var i = at; i < bytes.Length; i++)
        {
            here = next[here + classOf[bytes[i]]];
            if (here < 0)
            {
                (state, at) = (~here, i + 1);
                match = _match[state / _classes];
                return true;
            }
        }

        (state, at) = (here, bytes.Length);
        match = default;
        return false;
    }

    private sealed class Trie(int classes)
    {
        private readonly List<int[]> _edges = [NoEdges(classes)];
        private readonly List<int> _depth = [0];
        private readonly List<ValueMatch> _match = [default];

        public void Add(byte[] text, Func<byte, ushort> classOf, int owner)
        {
            var node = 0;
            foreach (var octet in text)
            {
                var edges = _edges[node];
                ref var child = ref edges[classOf(octet)];
                if (child < 0)
                {
                    child = _edges.Count;
                    _edges.Add(NoEdges(classes));
                    _depth.Add(_depth[node] + 1);
                    _match.Add(default);
                }

                node = child;
            }

            _match[node] = new ValueMatch(owner, text.Length);
        }

        /// <summary>Fills in, breadth first, where each state goes when a text does not go on.</summary>
        public (int[] Next, int[] Depth, ValueMatch[] Match) Close()
        {
            var fallback = new int[_edges.Count];
            var order = new Queue<int>([0]);
            while (order.TryDequeue(out var node))
            {
                var beyond = _edges[fallback[node]];
                for (var c = 0; c < classes; c++)
                {
                    var child = _edges[node][c];
                    var other = node == 0 ? 0 : beyond[c];
                    if (child < 0)
                    {
                        _edges[node][c] = other;
                        continue;
                    }

                    fallback[child] = other;
                    _match[child] = _match[child].Length > 0 ? _match[child] : _match[other];
                    order.Enqueue(child);
                }
            }

            var next = _edges.SelectMany(edges => edges.Select(to => _match[to].Length > 0 ? ~(to * classes) : to * classes)).ToArray();
            return (next, [.. _depth], [.. _match]);
        }

        private static int[] NoEdges(int classes)
        {
            var edges = new int[classes];
            Array.Fill(edges, -1);
            return edges;
        }
    }
}
