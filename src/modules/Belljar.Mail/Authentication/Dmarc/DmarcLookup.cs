namespace Belljar.Mail.Authentication.Dmarc;

/// <summary>What DNS said of a domain's policy.</summary>
/// <param name="Domain">Of the From field.</param>
/// <param name="Text">The one record; null where there is none.</param>
/// <param name="Failure">Why nobody could say; null where somebody could.</param>
/// <param name="IsOfOrganisation">The domain itself has none, and its organisation was asked: <c>sp=</c> holds.</param>
internal sealed record DmarcLookup(string Domain, byte[]? Text, string? Failure, bool IsOfOrganisation);
