namespace Belljar.Detection.Scanning;

/// <summary>A finding whose place is still that of the decoded text it was found in.</summary>
internal sealed class Candidate
{
    public required FindingKind Kind { get; init; }

    public required string RuleId { get; init; }

    public required string Sample { get; init; }

    public required int Tag { get; init; }

    /// <summary>Reported only where no other rule names the same bytes.</summary>
    public bool IsGeneric { get; init; }

    public required int Start { get; set; }

    public required int End { get; set; }

    public string Encoding { get; set; } = "";

    public void Wrap(string encoding, int start, int end)
    {
        Encoding = Encoding.Length == 0 ? encoding : $"{encoding}>{Encoding}";
        (Start, End) = (start, end);
    }
}
