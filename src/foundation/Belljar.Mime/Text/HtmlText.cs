namespace Belljar.Mime.Text;

/// <summary>What became of an HTML body.</summary>
/// <param name="Text">What a reader of the rendered page would see, as plain text with LF line ends.</param>
/// <param name="HiddenText">What the page holds and he would not see, up to 16,384 characters: where instructions to a machine are hidden.</param>
/// <param name="IsCut">It nests or repeats beyond what is converted: the text may lack its end or hold what is hidden.</param>
public sealed record HtmlTextResult(string Text, string HiddenText, bool IsCut);

/// <summary>
/// HTML as mail has it to readable text: links keep their target, rows of tables stand on one line, quoted replies begin with
/// <c>&gt;</c>, lists have their marks, and what the page hides is left out. Never throws; work and output are bounded.
/// </summary>
public static class HtmlText
{
    public static HtmlTextResult Convert(string html)
    {
        var renderer = new HtmlRenderer();
        var tokens = new HtmlTokenizer(html);
        while (!renderer.IsFull && tokens.TryNext(out var token))
        {
            renderer.Take(token);
        }

        return renderer.Finish();
    }
}
