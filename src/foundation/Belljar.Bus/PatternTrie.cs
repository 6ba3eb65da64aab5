using System.Collections.Concurrent;

namespace Belljar.Bus;

/// <summary>
/// Patterns by their tokens, one node each, so that finding who wants a topic costs by the topic's tokens and not by the
/// number of subscribers. Readers take no lock and allocate nothing: a node's lists are replaced, never changed, and
/// writers take turns.
/// </summary>
/// <remarks>
/// A topic with n tokens visits at most min(2ⁿ, nodes) nodes, since <c>*</c> and the literal token are both followed.
/// </remarks>
internal sealed class PatternTrie<T>
    where T : class
{
    private readonly Lock _writing = new();
    private readonly Node _root = new();

    public bool IsEmpty => _root.IsEmpty;

    /// <summary>False when the item already has this pattern.</summary>
    /// <param name="pattern">Valid by <see cref="Contracts.Topic.IsValidPattern"/>.</param>
    /// <param name="item">Is told apart by reference.</param>
    public bool Add(string pattern, T item)
    {
        lock (_writing)
        {
            var node = _root;
            var tokens = pattern.Split('.');
            foreach (var token in tokens.AsSpan(0, tokens.Length - 1))
            {
                node = node.GetOrAdd(token);
            }

            if (tokens[^1] is ">")
            {
                return TryAppend(ref node.Trailing, item);
            }

            return TryAppend(ref node.GetOrAdd(tokens[^1]).Ending, item);
        }
    }

    /// <summary>False when the item has not this pattern.</summary>
    public bool Remove(string pattern, T item)
    {
        lock (_writing)
        {
            return Remove(_root, pattern.Split('.'), item);
        }
    }

    /// <summary>Appends those who want the topic; one that has several patterns may come several times.</summary>
    /// <param name="topic">Valid by <see cref="Contracts.Topic.IsValid(ReadOnlySpan{char})"/>.</param>
    /// <param name="found">Is only appended to.</param>
    public void Match(ReadOnlySpan<char> topic, List<T> found) => Match(_root, topic, found);

    private static void Match(Node node, ReadOnlySpan<char> rest, List<T> found)
    {
        found.AddRange(Volatile.Read(ref node.Trailing));
        var end = rest.IndexOf('.');
        var token = end < 0 ? rest : rest[..end];
        if (node.Find(token) is { } literal)
        {
            Follow(literal, end, rest, found);
        }

        if (Volatile.Read(ref node.AnyToken) is { } any)
        {
            Follow(any, end, rest, found);
        }
    }

    private static void Follow(Node node, int end, ReadOnlySpan<char> rest, List<T> found)
    {
        if (end < 0)
        {
            found.AddRange(Volatile.Read(ref node.Ending));
        }
        else
        {
            Match(node, rest[(end + 1)..], found);
        }
    }

    private static bool Remove(Node node, ReadOnlySpan<string> tokens, T item)
    {
        if (tokens is [">"])
        {
            return TryWithout(ref node.Trailing, item);
        }

        if (tokens.IsEmpty)
        {
            return TryWithout(ref node.Ending, item);
        }

        if (node.Child(tokens[0]) is not { } child || !Remove(child, tokens[1..], item))
        {
            return false;
        }

        if (child.IsEmpty)
        {
            node.Drop(tokens[0]);
        }

        return true;
    }

    private static bool TryAppend(ref T[] items, T item)
    {
        if (Array.IndexOf(items, item) >= 0)
        {
            return false;
        }

        Volatile.Write(ref items, [.. items, item]);
        return true;
    }

    private static bool TryWithout(ref T[] items, T item)
    {
        var at = Array.IndexOf(items, item);
        if (at < 0)
        {
            return false;
        }

        Volatile.Write(ref items, [.. items[..at], .. items[(at + 1)..]]);
        return true;
    }

    private sealed class Node
    {
        /// <summary>Those whose pattern ends here.</summary>
        public T[] Ending = [];

        /// <summary>Those whose pattern goes on with a last <c>&gt;</c>.</summary>
        public T[] Trailing = [];

        public Node? AnyToken;

        /// <summary>Null until there is one: most nodes are leaves.</summary>
        private ConcurrentDictionary<string, Node>? _byToken;

        public bool IsEmpty => Ending.Length == 0 && Trailing.Length == 0 && AnyToken is null && _byToken is null;

        public Node? Find(ReadOnlySpan<char> token) =>
            Volatile.Read(ref _byToken) is { } byToken
            && byToken.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var node)
                ? node
                : null;

        public Node? Child(string token) => token is "*" ? AnyToken : Find(token);

        public Node GetOrAdd(string token)
        {
            if (Child(token) is { } child)
            {
                return child;
            }

            child = new Node();
            if (token is "*")
            {
                Volatile.Write(ref AnyToken, child);
            }
            else if (_byToken is { } byToken)
            {
                byToken[token] = child;
            }
            else
            {
                Volatile.Write(ref _byToken, new(concurrencyLevel: 1, [new(token, child)], StringComparer.Ordinal));
            }

            return child;
        }

        public void Drop(string token)
        {
            if (token is "*")
            {
                Volatile.Write(ref AnyToken, null);
                return;
            }

            _byToken?.TryRemove(token, out _);
            if (_byToken is { IsEmpty: true })
            {
                Volatile.Write(ref _byToken, null);
            }
        }
    }
}
