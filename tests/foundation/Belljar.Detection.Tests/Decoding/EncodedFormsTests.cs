using System.Text;
using Belljar.Detection.Decoding;
using Belljar.Detection.Rules;

namespace Belljar.Detection.Tests.Decoding;

public class EncodedFormsTests
{
    private const string Value = "pa/ss+w\"ö rd~42!x";

    /// <summary>Each as its own tool writes it, in the middle of something else.</summary>
    public static TheoryData<string> Written => [
        Value,
        string.Concat(Value.Reverse()),
        Convert.ToHexString(Encoding.UTF8.GetBytes(Value)),
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Value)),
        Uri.EscapeDataString(Value),
        System.Text.Json.JsonEncodedText.Encode(Value).Value,
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Value}...")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($".{Value}.")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"..{Value}..")),
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"..{Value}..")),
        string.Concat(Value.Select(c => $"\\u{(int)c:x4}")),
    ];

    [Theory]
    [MemberData(nameof(Written))]
    public void Value_HoweverWritten_HoldsOneOfItsForms(string written)
    {
        // Reversed by characters or by bytes is the same only for ASCII.
        var value = written[0] == 'x' ? Value.Replace("ö", "o", StringComparison.Ordinal) : Value;
        var text = Encoding.UTF8.GetBytes(written[0] == 'x' ? written.Replace("ö", "o", StringComparison.Ordinal) : written);

        Assert.Contains(EncodedForms.Of(Encoding.UTF8.GetBytes(value)), form => text.AsSpan().IndexOf(form.Bytes.Span) >= 0);
    }

    [Fact]
    public void Forms_BeginWithTheValue_AndAreEachThereOnce()
    {
        var forms = EncodedForms.Of("hunter2hunter2"u8);

        Assert.Equal("hunter2hunter2"u8, forms[0].Bytes.Span);
        Assert.Equal(forms.Count, forms.Select(form => Convert.ToHexString(form.Bytes.Span)).Distinct().Count());
        Assert.All(forms, form => Assert.DoesNotContain("hunter2", form.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("hunter2hunter2")]
    [InlineData("a-longer-value-that-is-known-0123456789")]
    public void KnownValue_Reversed_IsFound(string value)
    {
        var set = RuleSet.Compile(new RuleFile(), new ExactValue("env:DB_PASS", Encoding.ASCII.GetBytes(value), FindingKind.Known));

        var finding = Assert.Single(set.Scan(Encoding.ASCII.GetBytes($"text {string.Concat(value.Reverse())} end")));

        Assert.Equal(("reversed", 5, value.Length), (finding.Encoding, finding.Offset, finding.Length));
    }
}
