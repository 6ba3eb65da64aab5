using Belljar.Egress.Secrets;

namespace Belljar.Egress.Scanning;

/// <summary>Finds values that are known exactly, in all of their forms.</summary>
internal sealed class ExactValueScanner : IContentScanner
{
    private readonly ValueAutomaton _automaton;
    private readonly List<(FindingKind Kind, string Name)> _owners = [];

    public ExactValueScanner(IEnumerable<(FindingKind Kind, string Name, string Value)> values)
    {
        var texts = new List<(int Owner, byte[] Text)>();
        foreach (var (kind, name, value) in values)
        {
            texts.AddRange(SecretForms.Of(value).Select(form => (_owners.Count, form)));
            _owners.Add((kind, name));
        }

        _automaton = new ValueAutomaton(texts);
    }

    public IContentScan Begin() => new Scan(this);

    private sealed class Scan(ExactValueScanner scanner) : IContentScan
    {
        private int _state = ValueAutomaton.Start;
        private long _position;

        public bool IsExhausted => false;

        public int Pending => scanner._automaton.Pending(_state);

        public void Append(ReadOnlySpan<byte> bytes, IList<ContentFinding> findings)
        {
            var at = 0;
            while (scanner._automaton.Next(bytes, ref at, ref _state, out var match))
            {
                var (kind, name) = scanner._owners[match.Owner];
                findings.Add(new ContentFinding(kind, name, _position + at - match.Length, match.Length));
            }

            _position += bytes.Length;
        }

        public void End(IList<ContentFinding> findings)
        {
            // Nothing is known only at the end.
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
