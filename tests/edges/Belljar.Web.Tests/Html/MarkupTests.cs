using Belljar.Web.Html;

namespace Belljar.Web.Tests.Html;

public class MarkupTests
{
    [Theory]
    [InlineData("<b>", "&lt;b&gt;")]
    [InlineData("\"'&", "&quot;&#39;&amp;")]
    [InlineData("a\u202eb", "a\\u{202e}b")]
    [InlineData("\u2066\u2069\u200e\u200b\u200d\ufeff\u00ad", "\\u{2066}\\u{2069}\\u{200e}\\u{200b}\\u{200d}\\u{feff}\\u{ad}")]
    [InlineData("\0\u0007\u001b[31m\u007f\u0085", "\\u{0}\\u{7}\\u{1b}[31m\\u{7f}\\u{85}")]
    [InlineData("a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c")]
    [InlineData("\u2028\u2029", "\\u{2028}\\u{2029}")]
    [InlineData("\U000E0041\u3164\u2800\ufe0f", "\\u{e0041}\\u{3164}\\u{2800}\\u{fe0f}")]
    [InlineData("Grüße, 日本, Ελλάδα, 🔔", "Grüße, 日本, Ελλάδα, 🔔")]
    public void Text_IsEncoded_AndWhatHidesIsWrittenOut(string text, string page) => Assert.Equal(page, Markup.Of($"{text}").ToString());

    [Fact]
    public void HalvesOfSurrogatePairs_AreWrittenOut() => Assert.Equal("\\u{d800}x\\u{dc00}", Markup.Of($"{"\ud800x\udc00"}").ToString());

    [Fact]
    public void Pieces_AreNotEncodedTwice() =>
        Assert.Equal("<p><b>&lt;</b> 7</p>", Markup.Of($"<p>{Markup.Of($"<b>{"<"}</b>")} {7}</p>").ToString());

    [Fact]
    public void Lines_KeepTheirEndsAlone() => Assert.Equal("{\n  &quot;a&quot;\\u{d}\n}", Markup.Lines("{\n  \"a\"\r\n}").ToString());
}
