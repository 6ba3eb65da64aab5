using System.Text;
using System.Text.Json;
using Belljar.Testing;

namespace Belljar.Mime.Tests.Corpus;

/// <summary>Messages from the RFCs with their expected structure and decoded text; each as LF and as CRLF.</summary>
public class MessageCorpusTests(ITestOutputHelper output)
{
    /// <summary>Where we mean to differ, and why.</summary>
    private static readonly Dictionary<string, string> Deliberate = new()
    {
        ["000 text_body: [1,2], found [1,2,4,5]"] = "pictures and sounds among the text are part of it (RFC 8621, 4.1.4), broken base64 or not",
        ["000 html_body: [1,2], found [1,2,4,5]"] = "the same",
        ["000/7/0: from: expected \"mailbox in US-ASCII <>\", found \"\""] = "a comment alone is no mailbox",
        ["000/7/0: to: expected \"address in US-ASCII <>\", found \"\""] = "a comment alone is no mailbox",
        ["001/0: from: expected \"Whomever <>\", found \" <Whomever>\""] = "a lone word is an address without a domain, as local mail writes it",
        ["001/0: to: expected \"Someone <>\", found \" <Someone>\""] = "a lone word is an address without a domain, as local mail writes it",
        ["004/0: from: expected \"Moderator-Address <>\", found \" <Moderator-Address>\""] = "a lone word is an address without a domain, as local mail writes it",
        ["004/0: to: expected \"Recipient-List <>\", found \" <Recipient-List>\""] = "a lone word is an address without a domain, as local mail writes it",
        ["004/3/0: from: expected \"someone-else <>\", found \" <someone-else>\""] = "a lone word is an address without a domain, as local mail writes it",
        ["004/4/0: from: expected \"someone-else-again <>\", found \" <someone-else-again>\""] = "a lone word is an address without a domain, as local mail writes it",
    };

    [Theory]
    [InlineData(".json", "\n")]
    [InlineData(".crlf.json", "\r\n")]
    public void Parse_EveryMessageOfTheRfcs_AgreesInStructureOffsetsAndText(string extension, string newline)
    {
        var (messages, agreeing, parts, fields) = (0, 0, 0, 0);
        var differences = new List<string>();
        foreach (var file in Directory.GetFiles(Path.Combine(Corpora.Folder("mime"), "eml", "rfc"), "*.eml").Order(StringComparer.Ordinal))
        {
            var bytes = Encoding.Latin1.GetBytes(File.ReadAllText(file, Encoding.Latin1).ReplaceLineEndings(newline));
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(file, extension)));
            var expected = new ExpectedMessage(Path.GetFileNameWithoutExtension(file), withOffsets: true);
            expected.Compare(MimeMessage.Parse(bytes), json.RootElement);
            var ours = expected.Differences.Where(difference => !Deliberate.ContainsKey(difference)).ToList();
            differences.AddRange(ours);
            agreeing += ours.Count == 0 ? 1 : 0;
            (messages, parts, fields) = (messages + 1, parts + expected.Parts, fields + expected.Fields);
        }

        CorpusCount.Report($"mime rfc, {(newline == "\n" ? "LF" : "CRLF")}", agreeing, messages);
        output.WriteLine($"{messages} messages, {parts} parts, {fields} header fields compared, {differences.Count} differences");
        differences.ForEach(output.WriteLine);
        Assert.Empty(differences);
        Assert.Equal(10, messages);
    }

    [Fact]
    public void Parse_EverySignedMessage_GivesItsHeaderToTheByte()
    {
        var messages = 0;
        foreach (var file in Directory.GetFiles(Path.Combine(Corpora.Folder("dkim"), "corpus")))
        {
            var bytes = File.ReadAllBytes(file);
            var message = MimeMessage.Parse(bytes);
            Everything.Touch(message);
            if (message.Defects.Any(defect => defect.Kind is MimeDefectKind.InvalidHeaderLine or MimeDefectKind.MboxFromLine or MimeDefectKind.MissingHeader))
            {
                continue;
            }

            var header = message.Headers.SelectMany(field => field.Raw.ToArray()).ToArray();
            Assert.Equal(bytes[..header.Length], header);
            Assert.InRange(message.BodyOffset - header.Length, 0, 2);
            messages++;
        }

        output.WriteLine($"{messages} signed messages, every header field where it stands");
        Assert.True(messages > 50);
    }

    [Fact]
    public void Parse_EveryMalformedMessage_NeverThrowsAndKeepsEveryByte()
    {
        var messages = 0;
        foreach (var file in Directory.GetFiles(Path.Combine(Corpora.Folder("mime"), "eml", "malformed"), "*.eml"))
        {
            var bytes = File.ReadAllBytes(file);
            var message = MimeMessage.Parse(bytes);
            Everything.Touch(message);
            Assert.True(message.Raw.Span.SequenceEqual(bytes));
            messages++;
        }

        CorpusCount.Report("mime malformed, none throws", messages, messages);
        Assert.True(messages > 20);
    }
}
