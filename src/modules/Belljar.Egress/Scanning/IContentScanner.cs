using System.Runtime.InteropServices;

namespace Belljar.Egress.Scanning;

/// <summary>How certain a finding is, and what it means.</summary>
public enum FindingKind
{
    /// <summary>A value that was planted: whoever sends it has looked where there is nothing to look for.</summary>
    Planted,

    /// <summary>A secret that is known by its value.</summary>
    Known,

    /// <summary>Something that looks like a secret.</summary>
    Rule,
}

/// <param name="Name">What was found: a reference, a variable, a rule. Never the value.</param>
/// <param name="Start">The first byte in the stream.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ContentFinding(FindingKind Kind, string Name, long Start, int Length)
{
    public long End => Start + Length;
}

/// <summary>Finds what must not leave. A seam: one for exact values, one for rules, others may join.</summary>
public interface IContentScanner
{
    /// <summary>Begins a stream.</summary>
    IContentScan Begin();
}

/// <summary>One stream under scan. The findings are the same however it is cut.</summary>
public interface IContentScan : IDisposable
{
    /// <summary>How many of the last bytes may be the beginning of a finding.</summary>
    int Pending { get; }

    /// <summary>Something was not looked at, because looking has its bounds.</summary>
    bool IsExhausted { get; }

    /// <param name="findings">Findings that these bytes completed are added.</param>
    void Append(ReadOnlySpan<byte> bytes, IList<ContentFinding> findings);

    /// <summary>The stream ended.</summary>
    void End(IList<ContentFinding> findings);
}
