using System.Text;

namespace Belljar.Toml.Tests;

public class WritingTests
{
    [Fact]
    public void Write_Frontmatter_IsExactlyThis()
    {
        var root = new TomlTable
        {
            { "id", "2026-03-14-092653-hello" },
            { "to", new[] { "a@b.example", "\"c\" <d@e.example>" } },
            { "received_at", new DateTimeOffset(2026, 3, 14, 9, 26, 53, TimeSpan.Zero) },
            { "date", new DateTimeOffset(2026, 3, 14, 9, 26, 53, 120, TimeSpan.FromHours(-3.5)) },
            { "size_bytes", 1234L },
            { "read", false },
            { "score", 2.0 },
            { "labels", new TomlArray() },
            { "odd key", "x" },
            { "attachments", new TomlArray(new TomlTable { { "filename", "a.txt" }, { "size", 1L } }, new TomlTable { { "filename", "b" } }) },
        };

        Assert.Equal(
            """
            id = "2026-03-14-092653-hello"
            to = ["a@b.example", "\"c\" <d@e.example>"]
            received_at = 2026-03-14T09:26:53Z
            date = 2026-03-14T09:26:53.12-03:30
            size_bytes = 1234
            read = false
            score = 2.0
            labels = []
            "odd key" = "x"

            [[attachments]]
            filename = "a.txt"
            size = 1

            [[attachments]]
            filename = "b"

            """,
            TomlWriter.Write(root));
    }

    [Theory]
    [InlineData("a\r\nb\t\0\u001b\u007f\u0085", """a\r\nb\t\u0000\u001B\u007F\u0085""")]
    [InlineData("\u202Egnp.exe\u2066\u200B\u200D\uFEFF\u00AD\u2028", """\u202Egnp.exe\u2066\u200B\u200D\uFEFF\u00AD\u2028""")]
    [InlineData("\U000E0041 tag", """\U000E0041 tag""")]
    [InlineData("\"\\", """\"\\""")]
    [InlineData("grüße 😀 日本", "grüße 😀 日本")]
    public void Write_Strings_EscapeWhatCannotBeSeen(string value, string expected)
    {
        Assert.Equal($"k = \"{expected}\"\n", TomlWriter.Write(new TomlTable { { "k", value } }));
    }

    [Fact]
    public void Write_HalfOfASurrogatePair_BecomesTheReplacementCharacter()
    {
        Assert.Equal("k = \"half \uFFFD\"\n", TomlWriter.Write(new TomlTable { { "k", "half \ud83d" } }));
    }

    [Fact]
    public void Write_PlainValueAfterATable_StandsBeforeIt()
    {
        var root = new TomlTable { { "t", new TomlTable { { "a", 1L } } }, { "b", 2L } };

        Assert.Equal("b = 2\n\n[t]\na = 1\n", TomlWriter.Write(root));
    }

    [Fact]
    public void Write_ArrayOfTablesAndOthers_IsInline()
    {
        var root = new TomlTable { { "m", new TomlArray(1L, new TomlTable { { "a b", new TomlTable() } }) } };

        Assert.Equal("m = [1, {\"a b\" = {}}]\n", TomlWriter.Write(root));
    }

    [Fact]
    public void WriteThenRead_RandomTrees_IsIdentity()
    {
        var random = new Random(42);
        for (var i = 0; i < 3000; i++)
        {
            var tree = RandomTable(random, 4);
            var bytes = TomlWriter.WriteUtf8(tree);

            Assert.True(TomlDocument.TryParse(bytes, out var again, out var error), $"{error}\n{Encoding.UTF8.GetString(bytes)}");
            Trees.AssertSame(tree, again);
            Assert.Equal(bytes, TomlWriter.WriteUtf8(again));
        }
    }

    private static TomlTable RandomTable(Random random, int depth)
    {
        var table = new TomlTable();
        for (var n = random.Next(6); n > 0; n--)
        {
            table[RandomText(random)] = RandomValue(random, depth);
        }

        return table;
    }

    private static TomlValue RandomValue(Random random, int depth) => random.Next(depth > 0 ? 12 : 9) switch
    {
        0 or 1 => RandomText(random),
        2 => random.NextInt64(long.MinValue, long.MaxValue),
        3 => (long)random.Next(-9, 9),
        4 => random.Next(5) switch { 0 => double.NaN, 1 => double.NegativeInfinity, 2 => -0.0, 3 => 1e22, _ => BitConverter.Int64BitsToDouble(random.NextInt64()) },
        5 => random.Next(2) == 0,
        6 => new DateTimeOffset(random.NextInt64(TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay), TimeSpan.FromMinutes(random.Next(-840, 841))),
        7 => new TomlLocalDateTime(new DateTime(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Unspecified)),
        8 => random.Next(2) == 0
            ? new TomlLocalDate(DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber)))
            : new TomlLocalTime(new TimeOnly(random.NextInt64(TimeOnly.MaxValue.Ticks))),
        9 => new TomlArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1))]),
        10 => new TomlArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomTable(random, depth - 1))]),
        _ => RandomTable(random, depth - 1),
    };

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var n = random.Next(8); n > 0; n--)
        {
            var rune = random.Next(4) switch
            {
                0 => random.Next(0x20, 0x7F),
                1 => random.Next(0, 0x20),
                2 => random.Next('a', 'z' + 1),
                _ => random.Next(0x80, 0x110000),
            };
            text.Append(Rune.IsValid(rune) ? new Rune(rune).ToString() : "x");
        }

        return text.ToString();
    }
}
