using System.Text;
using Belljar.Testing;

namespace Belljar.Toml.Tests;

public class HostileInputTests
{
    private static readonly Grammar Documents = new("document", new Dictionary<string, string[]>
    {
        ["document"] = ["{line*}{table*}{table*}"],
        ["table"] = ["[{key}]\n{line*}", "[[{key}]]\n{line*}{line}"],
        ["line"] = ["\n", "{key} = {value}\n", "{key}={value} # why\r\n", "# only\n"],
        ["key"] = ["a", "{bare}{bare}{bare}", "\"{character*}\"", "'{bare} {bare}'", "{key}.{key}", "{key} . {bare}{bare}"],
        ["bare"] = ["a", "b", "c", "1", "-", "_", "Z"],
        ["value"] = ["1", "{number}", "{text}", "{time}", "true", "false", "[{value}{rest*}]", "[\n {value}, # x\n]", "{brace}{bare} = {value}, {bare}{bare} = {value}}", "{brace}}"],
        ["brace"] = ["{"],
        ["rest"] = [", {value}"],
        ["number"] = ["0", "-1", "+99", "1_000", "0xdead_BEEF", "0o17", "0b1", "1.5", "6.02e+23", "-0.0", "inf", "-nan", "9223372036854775807"],
        ["text"] = ["\"\"", "\"{character*}\"", "'{bare*}'", "\"\"\"{character*}\n{character*}\\\n  x\"\"\"", "'''\n{bare*}\n'''"],
        ["character"] = ["a", "\\n", "\\u00e9", "\\U0001F600", "\\\"", "\\\\", " ", "\u00c3\u00a9", "#", "="],
        ["time"] = ["1979-05-27", "07:32:00.5", "1979-05-27T07:32:00Z", "1979-05-27 00:32:00.999999-07:00", "2000-02-29T23:59:59"],
    });

    private const string Sample = """"
        # a comment with ☃
        id = "2026\u0041"
        'quoted key'.b."c\t" = { x = 1, y.z = [1.5e3, -inf, nan, 0xFF], t = "é" }
        text = """
        two \
           lines"""
        raw = '''it's'''
        at = 2026-03-14T09:26:53.589793+01:00
        day = 2026-03-14
        hour = 09:26:53
        [deep.er]
        list = [ "a", # why
          "b", ]
        [[attachments]]
        filename = "a.txt"
        [[attachments]]
        size = 1_000
        """";

    [Fact]
    public void TryParse_CutAtEveryByte_NeverThrowsAndNamesAPositionInside()
    {
        var bytes = Encoding.UTF8.GetBytes(Sample);
        Assert.True(TomlDocument.TryParse(bytes, out _, out _));
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            if (!TomlDocument.TryParse(bytes.AsSpan(0, cut), out _, out var error))
            {
                Assert.InRange(error.Position.Line, 1, bytes.AsSpan(0, cut).Count((byte)'\n') + 1);
            }
        }
    }

    [Fact]
    public void TryParse_MutatedDocuments_NeverThrowAndReadBackWhenAccepted()
    {
        byte[][] words =
        [
            .. new[] { "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "\"", "'", "\"\"\"", "'''", "\\u", "\\U0010FFFF", "\n", "\r\n", "#", "a", "1979-05-27",
                "07:32:00", "Z", "+23:59", "0x", "1e", "inf", "_", "9223372036854775808", "\ud7ff" }.Select(Encoding.UTF8.GetBytes),
            [0xEF, 0xBB, 0xBF], [0], [0xFF], [0xED, 0xA0, 0x80],
        ];

        var accepted = 0L;
        var tried = Fuzz.Run([Encoding.UTF8.GetBytes(Sample), "a=1\n[b]\nc=[[],{}]\n"u8.ToArray()], words, bytes =>
        {
            if (TomlDocument.TryParse(bytes, out var root, out _))
            {
                accepted++;
                Trees.AssertSame(root, TomlDocument.Parse(TomlWriter.WriteUtf8(root)));
            }
        }, Documents, "toml");

        Assert.True(tried > 0);
        Assert.True(accepted > tried / 50, $"only {accepted} of {tried} documents had anything to write");
    }

    [Theory]
    [InlineData("a = ", "[", 100_000)]
    [InlineData("a = ", "{b=", 100_000)]
    [InlineData("", "a.", 100_000)]
    [InlineData("[", "a.", 100_000)]
    [InlineData("[[", "a.", 100_000)]
    [InlineData("a = ", "[{b.c=", 100_000)]
    public void TryParse_NestedWithoutEnd_IsRefusedForItsDepth(string start, string again, int times)
    {
        var text = start + string.Concat(Enumerable.Repeat(again, times));

        Assert.False(TomlDocument.TryParse(text, out _, out var error));
        Assert.Equal("nested deeper than 64 levels", error.Message);
    }

    [Theory]
    [InlineData("a = [[[1]]]", 3)]
    [InlineData("[a.b]\nc = [1]", 3)]
    [InlineData("a.b.c = 1", 2)]
    [InlineData("[[a]]\nb = {}", 3)]
    public void TryParse_AtTheDepthLimit_IsAcceptedAndOneLessRefused(string text, int depth)
    {
        Assert.True(TomlDocument.TryParse(text, out _, out _, new TomlLimits(Depth: depth)));
        Assert.False(TomlDocument.TryParse(text, out _, out _, new TomlLimits(Depth: depth - 1)));
    }

    [Fact]
    public void TryParse_LongerThanTheLimit_IsRefused()
    {
        Assert.False(TomlDocument.TryParse("a = 12345", out _, out var error, new TomlLimits(Bytes: 8)));
        Assert.Contains("longer than 8 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_UnpairedSurrogateInAString_IsRefusedAtItsPlace()
    {
        Assert.False(TomlDocument.TryParse("a = 1\nb = \"\ud800\"", out _, out var error));
        Assert.Equal(new TomlPosition(2, 6), error.Position);
    }

    [Fact]
    public void TryParse_DuplicateKeyWithControls_IsShownEscaped()
    {
        Assert.False(TomlDocument.TryParse("\"\\u202Ex\" = 1\n\"\\u202Ex\" = 2", out _, out var error));
        Assert.Equal("line 2, column 1: '\\u202Ex' is defined already", error.ToString());
    }
}
