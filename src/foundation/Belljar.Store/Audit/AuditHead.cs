namespace Belljar.Store.Audit;

/// <summary>
/// The end of the audit chain: how many events were ever linked and the hash of the last link. Written down outside the
/// file (journal, log) it proves later that nothing before it was changed or cut off.
/// </summary>
/// <param name="Count">Links ever made, those that retention removed included.</param>
/// <param name="Hash">SHA-256 in lower-case hexadecimal; 64 zeros for an empty chain.</param>
public readonly record struct AuditHead(long Count, string Hash)
{
    public override string ToString() => $"{Count}:{Hash}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out AuditHead head)
    {
        head = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || !long.TryParse(text.AsSpan(0, colon), out var count) || count < 0)
        {
            return false;
        }

        var hash = text[(colon + 1)..].ToLowerInvariant();
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower))
        {
            return false;
        }

        head = new AuditHead(count, hash);
        return true;
    }
}
