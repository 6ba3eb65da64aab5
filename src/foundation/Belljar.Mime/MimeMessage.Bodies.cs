using Belljar.Mime.Encodings;
using Belljar.Mime.Text;

namespace Belljar.Mime;

/// <summary>
/// Which parts are the text and which are attachments: the algorithm of RFC 8621, 4.1.4, but that pictures and sounds among
/// the text are always attachments too, and that a message that is one part of any kind of text is that text.
/// </summary>
public sealed partial class MimeMessage
{
    private const int MostUuencoded = 100;

    private Bodies? _bodies;
    private string? _textBody;

    /// <summary>The parts to show where plain text is preferred, in order.</summary>
    public IReadOnlyList<MimePart> TextParts => (_bodies ??= Bodies.Find(Root)).Text;

    /// <summary>The parts to show where HTML is preferred, in order.</summary>
    public IReadOnlyList<MimePart> HtmlParts => (_bodies ??= Bodies.Find(Root)).Html;

    /// <summary>What is neither: files, embedded messages, pictures of an HTML body, and files in uuencode inside of text.</summary>
    public IReadOnlyList<MimeAttachment> Attachments
    {
        get
        {
            ReadTextBody();
            return _bodies!.Attachments;
        }
    }

    /// <summary>Every iCalendar part (RFC 5545; <c>text/calendar</c>, <c>application/ics</c>), wherever it stands.</summary>
    public IEnumerable<MimePart> CalendarParts =>
        Parts.Where(part => !part.IsMultipart && part.ContentType.MediaType is "text/calendar" or "application/ics");

    /// <summary>
    /// What a person would read, as plain text with LF line ends: the plain parts, else the HTML ones converted. Empty where
    /// there is neither. Files in uuencode are taken out and stand among <see cref="Attachments"/>; what HTML hides and what
    /// is spelled in invisible characters is left out and reported as <see cref="MimeDefectKind.HiddenText"/>.
    /// </summary>
    public string TextBody => ReadTextBody();

    /// <summary>The HTML parts as they are, joined; null where there is none. Not safe to show.</summary>
    public string? HtmlBody
    {
        get
        {
            var html = HtmlParts.Where(part => part.ContentType.MediaType == "text/html").Select(part => part.GetText()).ToList();
            return html.Count == 0 ? null : string.Join('\n', html);
        }
    }

    private string ReadTextBody()
    {
        if (_textBody is not null)
        {
            return _textBody;
        }

        var texts = new List<string>();
        _bodies ??= Bodies.Find(Root);
        foreach (var part in _bodies.Text.Where(part => part.IsText))
        {
            var content = part.GetText();
            texts.Add(part.ContentType.Subtype switch
            {
                "html" => ConvertHtml(part, content),
                "plain" when content.Contains("begin ", StringComparison.Ordinal) => TakeUuencoded(part, content),
                _ => content,
            });
        }

        var text = InvisibleText.Remove(string.Join('\n', texts), out var smuggled);
        if (!string.IsNullOrWhiteSpace(smuggled))
        {
            Report(MimeDefectKind.HiddenText, BodyOffset);
        }

        return _textBody = text;
    }

    private static string ConvertHtml(MimePart part, string html)
    {
        var converted = HtmlText.Convert(html);
        if (converted.HiddenText.Length > 0)
        {
            part.Report(MimeDefectKind.HiddenText);
        }

        if (converted.IsCut)
        {
            part.Report(MimeDefectKind.HtmlTooComplex);
        }

        return converted.Text;
    }

    private string TakeUuencoded(MimePart part, string text)
    {
        var at = 0;
        var rest = new System.Text.StringBuilder();
        foreach (var file in Uuencode.Find(text, MostUuencoded))
        {
            _bodies!.Attachments.Add(MimeAttachment.OfUuencoded(part, file.FileName, text.Substring(file.Start, file.Length)));
            rest.Append(text, at, file.Start - at);
            at = file.Start + file.Length;
        }

        return at == 0 ? text : rest.Append(text, at, text.Length - at).ToString();
    }

    private sealed record Bodies(List<MimePart> Text, List<MimePart> Html, List<MimeAttachment> Attachments)
    {
        public static Bodies Find(MimePart root)
        {
            var bodies = new Bodies([], [], []);
            bodies.Walk([root], "mixed", inAlternative: false, bodies.Html, bodies.Text);
            return bodies;
        }

        /// <summary>A null list means that this branch of an alternative is not for that kind.</summary>
        private void Walk(IReadOnlyList<MimePart> parts, string multipart, bool inAlternative, List<MimePart>? html, List<MimePart>? text)
        {
            var (textBefore, htmlBefore) = (text?.Count ?? -1, html?.Count ?? -1);
            for (var i = 0; i < parts.Count; i++)
            {
                var part = parts[i];
                if (part.IsMultipart)
                {
                    Walk(part.Children, part.ContentType.Subtype, inAlternative || part.ContentType.Subtype == "alternative", html, text);
                }
                else if (IsInline(part, i, multipart))
                {
                    AddInline(part, multipart, inAlternative, ref html, ref text);
                }
                else
                {
                    Attachments.Add(new MimeAttachment(part));
                }
            }

            if (multipart == "alternative" && text is not null && html is not null)
            {
                // Only one of the two kinds was there: it serves for both.
                if (textBefore == text.Count && htmlBefore != html.Count)
                {
                    text.AddRange(html[htmlBefore..]);
                }
                else if (htmlBefore == html.Count && textBefore != text.Count)
                {
                    html.AddRange(text[textBefore..]);
                }
            }
        }

        private void AddInline(MimePart part, string multipart, bool inAlternative, ref List<MimePart>? html, ref List<MimePart>? text)
        {
            if (multipart == "alternative")
            {
                switch (part.ContentType.MediaType)
                {
                    case "text/plain":
                        text?.Add(part);
                        break;
                    case "text/html":
                        html?.Add(part);
                        break;
                    default:
                        Attachments.Add(new MimeAttachment(part));
                        break;
                }

                return;
            }

            if (inAlternative)
            {
                html = part.ContentType.MediaType == "text/plain" ? null : html;
                text = part.ContentType.MediaType == "text/html" ? null : text;
            }

            text?.Add(part);
            html?.Add(part);
            if (IsMedia(part))
            {
                Attachments.Add(new MimeAttachment(part));
            }
        }

        private static bool IsInline(MimePart part, int index, string multipart) =>
            !part.IsAttachment
            && (part.ContentType.MediaType is "text/plain" or "text/html" || IsMedia(part) || (part.Parent is null && part.IsText))
            && (index == 0 || (multipart != "related" && (IsMedia(part) || part.FileName is null)));

        private static bool IsMedia(MimePart part) => part.ContentType.Type is "image" or "audio" or "video";
    }
}
