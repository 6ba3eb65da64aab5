namespace Belljar.Protocols.Aimx;

/// <summary>The head of a request. The body follows it: the message, then, for SEND, its HTML.</summary>
/// <param name="Fields">As written, without the space around; only known ones, each at most once.</param>
/// <param name="ContentLength">Octets of the body; zero when nothing was said.</param>
/// <param name="HtmlLength">Octets of HTML behind the body; null when the message brings none.</param>
public sealed record AimxRequest(AimxVerb Verb, IReadOnlyDictionary<AimxField, string> Fields, int ContentLength, int? HtmlLength)
{
    /// <summary>The largest body, and the largest body and HTML together: 25 MiB.</summary>
    public const int LargestBody = 25 * 1024 * 1024;

    /// <summary>Octets that follow the head.</summary>
    public int BodyLength => ContentLength + (HtmlLength ?? 0);

    /// <summary>The field's value; null when it was not given.</summary>
    public string? this[AimxField field] => Fields.GetValueOrDefault(field);

    /// <summary>A field that is <c>true</c> or <c>false</c>; false when it was not given.</summary>
    public bool Says(AimxField flag) => this[flag] is "true";

    /// <summary>The folder of a message, <c>inbox</c> when it was not given.</summary>
    public string Folder => this[AimxField.Folder] ?? "inbox";
}
