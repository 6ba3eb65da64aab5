namespace Belljar.Mime.Compose;

/// <summary>A part of a message to be written: one of the records below.</summary>
public abstract record OutgoingPart
{
    private protected OutgoingPart()
    {
    }

    /// <summary>
    /// Arranges bodies and files as readers expect them: <c>mixed(alternative(text, related(html, pictures…)), files…)</c>, with
    /// no level more than is needed. Files with a content id are the HTML's pictures.
    /// </summary>
    public static OutgoingPart Of(string? text, string? html = null, params IReadOnlyList<OutgoingFile> files)
    {
        var pictures = html is null ? [] : files.Where(file => file.ContentId is not null).ToList();
        var others = files.Except(pictures).ToList();
        OutgoingPart? shown = html is null ? null : new OutgoingText(html, "html");
        if (pictures.Count > 0)
        {
            shown = new OutgoingMultipart("related", [shown!, .. pictures]);
        }

        var plain = text is null && shown is not null ? null : new OutgoingText(text ?? "");
        var body = plain is null ? shown! : shown is null ? plain : new OutgoingMultipart("alternative", [plain, shown]);
        return others.Count == 0 ? body : new OutgoingMultipart("mixed", [body, .. others]);
    }
}

/// <summary>Text in UTF-8, encoded as it needs; line ends of any kind.</summary>
/// <param name="Text">The text.</param>
/// <param name="Subtype">Of <c>text/</c>.</param>
public sealed record OutgoingText(string Text, string Subtype = "plain") : OutgoingPart;

/// <summary>A file, in base64; a message/rfc822 or message/delivery-status goes as it is, as RFC 2046 wants.</summary>
/// <param name="FileName">Any name (RFC 2231); empty for none.</param>
/// <param name="MediaType"><c>type/subtype</c>.</param>
/// <param name="Content">The file's bytes.</param>
/// <param name="ContentId">Without angle brackets: what an HTML part names it by, and then it is inline; null for an attachment.</param>
public sealed record OutgoingFile(string FileName, string MediaType, ReadOnlyMemory<byte> Content, string? ContentId = null) : OutgoingPart;

/// <summary>A multipart.</summary>
/// <param name="Subtype">Of <c>multipart/</c>: <c>mixed</c>, <c>alternative</c>, <c>related</c>, <c>report</c>.</param>
/// <param name="Parts">One at least.</param>
/// <param name="Parameters">Beside the boundary: <c>report-type=delivery-status</c>.</param>
public sealed record OutgoingMultipart(string Subtype, IReadOnlyList<OutgoingPart> Parts, params IReadOnlyList<KeyValuePair<string, string>> Parameters) : OutgoingPart;
