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
    [Fact]
    public void Message_Mutated_NeverThrows()
    {
        var samples = Directory.GetFiles(Path.Combine(Corpora.Folder("mime"), "eml"), "*.eml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
        var limits = new MimeLimits(Depth: 6, Parts: 60, Fields: 300, FieldBytes: 2000);

        var tried = Fuzz.Run([.. samples, Samples.Everything], FuzzWords.All, bytes => Everything.Touch(MimeMessage.Parse(bytes, limits)));

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
