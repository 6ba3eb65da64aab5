using Belljar.Detection;

namespace Belljar.Egress.Scanning;

/// <summary>The engine that knows rules, and undoes encodings inside each other, behind the gate's seam.</summary>
internal sealed class RuleScanner(RuleSet rules) : IContentScanner
{
    public IContentScan Begin() => new Scan(rules);

    private sealed class Scan(RuleSet rules) : IContentScan
    {
        private readonly Scanner _scanner = new(rules);
        private int _seen;

        public int Pending => (int)(_scanner.Pushed - _scanner.JudgedThrough);

        public bool IsExhausted => _scanner.Incomplete is not null;

        public void Append(ReadOnlySpan<byte> bytes, IList<ContentFinding> findings)
        {
            _scanner.Push(bytes);
            Take(findings);
        }

        public void End(IList<ContentFinding> findings)
        {
            _scanner.Complete();
            Take(findings);
        }

        public void Dispose() => _scanner.Dispose();

        private void Take(IList<ContentFinding> findings)
        {
            for (; _seen < _scanner.Findings.Count; _seen++)
            {
                var found = _scanner.Findings[_seen];
                findings.Add(new ContentFinding((FindingKind)found.Kind, found.RuleId, found.Offset, found.Length));
            }
        }
    }
}
