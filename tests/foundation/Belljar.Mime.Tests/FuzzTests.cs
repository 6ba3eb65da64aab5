using System.Text;
using Belljar.Mime.Encodings;
using Belljar.Mime.Headers;
using Belljar.Mime.Text;
using Belljar.Testing;

namespace Belljar.Mime.Tests;

/// <summary>Pieces that mean something to a reader of messages.</summary>
internal static class FuzzWords
{
    public static readonly byte[][] All =
    [
        .. new[]
        {
            "\r\n", "\n", "\r", "\r\n\r\n", "\r\n ", "--", "\r\n--b\r\n", "\r\n--b--\r\n", ":", ";", "=", "=?", "?=", "=?utf-8?q?=41?=", "=?iso-2022-jp?b?GyRCJCI=?=",
            "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n", "Content-Type: text/html\r\n", "Content-Type: multipart/digest; boundary=\"b\"\r\n",
            "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n", "Content-Transfer-Encoding: x-uuencode\r\n",
            "begin 644 a\n#86)C\n`\nend\n", "charset=utf-16", "charset=gb18030", "charset=iso-2022-kr", "charset=hz-gb-2312", "charset=euc-jp", "charset=utf-7", "format=flowed; delsp=yes",
            "name*0*=utf-8''%41", "name*1*=%", "*=", "<", ">", "(", ")", "\"", "\\", "@", ",", "From: ", "Date: Tue, 1 Jul 2003 10:52:37 +0200\r\n", "+9999",
            "<a href=x>", "<style>", "</style>", "<!--", "-->", "style='display:none'", "<table><tr><td>", "&#x110000;", "<blockquote>", "{", "}", "@media", "=\r\n", "=3D", "=\n", "> ", " \r\n",
        }.Select(Encoding.UTF8.GetBytes),
        [0], [0xFF], [0x1B], [0x0E], [0xF3, 0xA0, 0x81, 0x81], [0xE2, 0x80, 0xAE],
    ];
}

/// <summary>Mutated messages never throw, whatever is asked of them. Each target has its own time: see <see cref="Fuzz"/>.</summary>
public class MessageFuzzTests(ITestOutputHelper output)
{
    private static readonly Grammar Messages = new("message", new Dictionary<string, string[]>
    {
        ["message"] = ["{field*}{entity}"],
        ["field"] = ["From: {mailbox}\r\n", "To: {mailbox}, {mailbox}\r\n", "Subject:{fws}{words}\r\n", "Date: {date}\r\n", "References: {id}{fws}{id}\r\n", "Message-ID: {id}\r\n", "X-{token}: {words}\n", "{token}\r\n", " \u00e9{words}\r\n"],
        ["mailbox"] = ["a@b.test", "{words} <a@b.test>", "\"{words}\" <a@b>", "group: a@b, c@d;", "<@x:a@b>", "({words}) a@b (c)", "{encoded} <a@b>"],
        ["words"] = ["word", "{encoded}{fws}{encoded}", "\u00c3\u00a9", "{words}{fws}{words}", "\u00e2\u0080\u00ae", ""],
        ["encoded"] = ["=?utf-8?q?=C3=A9?=", "=?UTF-8?B?w6k=?=", "=?{charset}?b?/////w==?=", "=?x?q?=?=", "=?utf-8*de?Q?a_b?="],
        ["fws"] = [" ", "\r\n ", "\t", "\n\t", ""],
        ["id"] = ["<x@y>", "<{token}@{token}>", "x@y", "<>"],
        ["date"] = ["Sat, 14 Mar 2026 09:26:53 +0000", "14 Mar 26 9:26 EST", "Mon, 99 Xxx 2026 25:61:61 +9999", "{words}"],
        ["token"] = ["t", "content-type", "a-b", "\u0000", "x"],
        ["entity"] = ["\r\ntext\r\n", "{single}", "{multipart}", "Content-Type: message/rfc822\r\n\r\n{message}"],
        ["single"] = ["Content-Type: text/plain{parameter*}\r\nContent-Transfer-Encoding: {encoding}\r\n{disposition}\r\n{body}", "Content-Type: text/html; charset={charset}\r\n\r\n{html}", "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n", "Content-Type: application/ms-tnef\r\n\r\n\u0078\u009f\u003e\u0022{body}"],
        ["parameter"] = ["; charset={charset}", "; format=flowed; delsp=yes", ";{fws}name*0*=utf-8''%C3; name*1=x", "; boundary=b", "; =", ";"],
        ["charset"] = ["utf-8", "iso-2022-jp", "utf-16", "utf-7", "gb18030", "windows-1252", "x-unknown", "hz-gb-2312", "\"\""],
        ["encoding"] = ["7bit", "base64", "quoted-printable", "x-uuencode", "8bit", "binary", "x-{token}"],
        ["disposition"] = ["", "Content-Disposition: attachment; filename={token}.txt\r\n", "Content-Disposition: attachment; filename*=utf-8''%E2%80%AE../x\r\n", "Content-Disposition: inline; filename=\"../../a\\\"b\"\r\n"],
        ["body"] = ["text\r\n", "dGV4dA==\r\n", "=41=\r\n=C3=A9 \r\n=XX", "begin 644 a\n#86)C\n`\nend\n", "> quoted\r\nflowed \r\nline\r\n-- \r\n", "From here\r\n", "\u00ff\u0000\r\r\n", "{body}{body}"],
        ["html"] = ["<p>x</p>", "<table><tr><td>{html}</td>", "<a href='{words}'>{html}</a>", "<div style='display:none'>{html}</div>", "<!-- {html}", "<style>{words}", "&#x110000;&amp", "<blockquote>{html}{html}"],
        ["multipart"] = ["Content-Type: multipart/{kind}; boundary={boundary}\r\n\r\n{body}{part*}{part}{end}"],
        ["kind"] = ["mixed", "alternative", "related", "digest", "report; report-type=delivery-status", "signed", "x"],
        ["boundary"] = ["b", "\"b b\"", "c", "\"\"", "b2"],
        ["part"] = ["--b\r\n{entity}\r\n", "--c\r\n{entity}\r\n", "--b2 \r\n{single}\r\n", "--b\n{single}", "--b b\r\n{multipart}"],
        ["end"] = ["--b--\r\n", "--c--\r\n{body}", "--b", ""],
    });

    /// <summary>The same however often it is asked, and the original stays as it is to the byte.</summary>
    private static void Check(byte[] bytes, MimeLimits limits)
    {
        var copy = bytes.ToArray();
        var message = MimeMessage.Parse(bytes, limits);
        var seen = Everything.Touch(message);
        Assert.Equal(seen, Everything.Touch(MimeMessage.Parse(bytes, limits)));
        Assert.True(message.Raw.Span.SequenceEqual(copy));
    }

    [Fact]
    public void Message_Mutated_NeverThrows()
    {
        var samples = Directory.GetFiles(Path.Combine(Corpora.Folder("mime"), "eml"), "*.eml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
        var limits = new MimeLimits(Depth: 6, Parts: 60, Fields: 300, FieldBytes: 2000);

        var tried = Fuzz.Run([.. samples, Samples.Everything], FuzzWords.All, bytes => Check(bytes, limits), Messages, "mime");

        output.WriteLine($"{tried} messages");
        Assert.True(tried > 0);
    }
}

/// <summary>Mutated values of header fields never throw.</summary>
public class FieldFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Field_Mutated_NeverThrows()
    {
        var tried = Fuzz.Run(Samples.Fields, FuzzWords.All, bytes =>
        {
            foreach (var mailbox in AddressParser.Parse(bytes, null, 0))
            {
                Assert.DoesNotContain(mailbox.ToDisplay(), char.IsControl);
            }

            _ = DateField.TryParse(bytes, out _);
            MessageIdField.Parse(bytes);
            EncodedWords.Decode(bytes);
            ContentType.Read(bytes);
            HeaderText.Unfold(bytes);
        });

        output.WriteLine($"{tried} fields");
        Assert.True(tried > 0);
    }
}

/// <summary>Mutated HTML never throws.</summary>
public class HtmlFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Html_Mutated_NeverThrows()
    {
        var tried = Fuzz.Run([Encoding.UTF8.GetBytes(Samples.Html)], FuzzWords.All, bytes => HtmlText.Convert(Encoding.UTF8.GetString(bytes)));

        output.WriteLine($"{tried} pages");
        Assert.True(tried > 0);
    }
}

/// <summary>Random bytes in every charset never throw.</summary>
public class CharsetFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Charsets_RandomBytesInEveryCharset_NeverThrow()
    {
        var names = CodePagesNames();
        var random = new Random(7);
        var bytes = new byte[400];
        foreach (var name in names)
        {
            for (var round = 0; round < 20; round++)
            {
                random.NextBytes(bytes);
                Charsets.Decode(bytes.AsSpan(0, random.Next(bytes.Length)), name, out _);
            }
        }

        output.WriteLine($"{names.Count} charsets");
        Assert.True(names.Count > 100);
    }

    private static List<string> CodePagesNames() =>
        [.. CharsetNames.CodePages.Keys, .. CodePagesEncodingProvider.Instance.GetEncodings().Select(encoding => encoding.Name)];
}
