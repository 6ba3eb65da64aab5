namespace Belljar.Egress.Scanning;

/// <summary>Several scanners over one stream: what any of them finds is found, and what any of them waits for waits.</summary>
internal sealed class JointScanner(params IReadOnlyList<IContentScanner> scanners) : IContentScanner
{
    public IContentScan Begin() => new Scan([.. scanners.Select(scanner => scanner.Begin())]);

    private sealed class Scan(IContentScan[] scans) : IContentScan
    {
        public int Pending
        {
            get
            {
                var most = 0;
                foreach (var scan in scans)
                {
                    most = Math.Max(most, scan.Pending);
                }

                return most;
            }
        }

        public bool IsExhausted => Array.Exists(scans, scan => scan.IsExhausted);

        public void Append(ReadOnlySpan<byte> bytes, IList<ContentFinding> findings)
        {
            foreach (var scan in scans)
            {
                scan.Append(bytes, findings);
            }
        }

        public void End(IList<ContentFinding> findings)
        {
            foreach (var scan in scans)
            {
                scan.End(findings);
            }
        }

        public void Dispose() => Array.ForEach(scans, scan => scan.Dispose());
    }
}
