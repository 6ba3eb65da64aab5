using Belljar.Mail.Storage;

namespace Belljar.Mail.Tests.Storage;

public sealed class MessageStemTests
{
    [Theory]
    [InlineData("Hello World", "hello-world")]
    [InlineData("  Re: [x]  Hello!! ", "re-x-hello")]
    [InlineData("Grüße aus Köln", "grüße-aus-köln")]
    [InlineData("Gru\u0308ße", "grüße")]
    [InlineData("日本語の件名", "日本語の件名")]
    [InlineData("Отчёт №5", "отчёт-5")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("", "no-subject")]
    [InlineData(null, "no-subject")]
    [InlineData("+++ !!! +++", "no-subject")]
    [InlineData("a\u202Eb\u200Bc", "a-b-c")]
    [InlineData("12345678901234567890123", "12345678901234567890")]
    [InlineData("1234567890123456789 123", "1234567890123456789")]
    [InlineData("123456789012345678 abc", "123456789012345678-a")]
    [InlineData("😀 smile 😀", "smile")]
    [InlineData("𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢")]
    public void Slug_FollowsTheRule(string? subject, string slug) => Assert.Equal(slug, MessageStem.Slug(subject));

    [Fact]
    public void Slug_OfHalfASurrogatePair_DoesNotThrow() => Assert.Equal("a-b", MessageStem.Slug("a\uD800b"));

    [Fact]
    public void Slug_OfANonCharacter_DoesNotThrow() => Assert.Equal("a-b", MessageStem.Slug("a\uFFFEb"));

    [Fact]
    public void Stem_HasTheTimeInUtc()
    {
        var time = new DateTimeOffset(2026, 3, 14, 10, 26, 53, TimeSpan.FromHours(1));
        var stem = MessageStem.Of(time, "Pi day");
        Assert.Equal("2026-03-14-092653-pi-day", stem);
        Assert.Equal(time, MessageStem.TimeOf(stem));
        Assert.Equal(("x", "x-2"), (MessageStem.Numbered("x", 1), MessageStem.Numbered("x", 2)));
        Assert.Null(MessageStem.TimeOf("notes"));
    }

    [Theory]
    [InlineData("2026-03-14-092653-x", true)]
    [InlineData("hand-written", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a\\b", false)]
    [InlineData("a..b", false)]
    [InlineData(".hidden", false)]
    [InlineData("raw", false)]
    [InlineData("a\0b", false)]
    public void Id_FromOutside_IsChecked(string id, bool safe) => Assert.Equal(safe, MessageStem.IsSafe(id));
}
