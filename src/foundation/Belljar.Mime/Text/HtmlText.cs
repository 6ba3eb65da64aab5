namespace Belljar.Mime.Text;

/// <param name="Text">What a reader of the rendered page would see.</param>
/// <param name="HiddenText">What he would not.</param>
/// <param name="IsCut">Limits were reached.</param>
public sealed record HtmlTextResult(string Text, string HiddenText, bool IsCut);

public static class HtmlText
{
    public static HtmlTextResult Convert(string html) => new(html, "", false);
}
