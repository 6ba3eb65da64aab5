namespace Belljar.Toml.Tests;

/// <summary>What the corpus does not say: positions, and the corners that .NET's types make.</summary>
public class ReadingTests
{
    [Fact]
    public void Positions_PointAtValuesAndHeaders()
    {
        var root = TomlDocument.Parse("'é' = 'ü'\n[a.b]\n  c = [1,\n 22]\n[[d]]\nx = {y = true}\n");

        Assert.Equal(new TomlPosition(1, 7), root["é"]!.Position);
        var a = Assert.IsType<TomlTable>(root["a"]);
        var b = Assert.IsType<TomlTable>(a["b"]);
        Assert.Equal(new TomlPosition(2, 1), b.Position);
        var c = Assert.IsType<TomlArray>(b["c"]);
        Assert.Equal(new TomlPosition(3, 7), c.Position);
        Assert.Equal(new TomlPosition(4, 2), c[1].Position);
        var d = root.GetTables("d")[0];
        Assert.Equal(new TomlPosition(5, 1), d.Position);
        Assert.Equal(new TomlPosition(6, 10), ((TomlTable)d["x"]!)["y"]!.Position);
    }

    [Theory]
    [InlineData("a = 1\nb = 2 3", 2, 7, "expected the end of the line")]
    [InlineData("a 1", 1, 3, "expected '=' after the key")]
    [InlineData("a = \"é", 1, 7, "expected '\"' at the end of the string, found the end of the document")]
    [InlineData("x = 2026-02-30", 1, 5, "not a date or time that exists")]
    [InlineData("x = 9223372036854775808", 1, 5, "the integer does not fit into 64 bits")]
    [InlineData("[a]\n[a]", 2, 2, "'a' is defined already")]
    [InlineData("a = {b = 1,}", 1, 12, "expected a key")]
    public void Errors_SayWhereAndWhat(string text, int line, int column, string message)
    {
        Assert.False(TomlDocument.TryParse(text, out var root, out var error));
        Assert.Null(root);
        Assert.Equal(new TomlError(message, new TomlPosition(line, column)), error);
    }

    [Fact]
    public void Error_NeverQuotesAValue()
    {
        Assert.False(TomlDocument.TryParse("password = hunter2", out _, out var error));
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void OffsetBeyondFourteenHours_BecomesUtc()
    {
        var at = TomlDocument.Parse("at = 2026-03-14T00:00:00-23:00").GetDateTime("at");

        Assert.Equal(new DateTimeOffset(2026, 3, 14, 23, 0, 0, TimeSpan.Zero), at);
        Assert.Equal(TimeSpan.Zero, at!.Value.Offset);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("0000-01-01")]
    public void InstantThatDotNetCannotHold_IsRefused(string text)
    {
        Assert.False(TomlDocument.TryParse("at = " + text, out _, out _));
    }

    [Fact]
    public void Getters_GiveNullForAnotherType()
    {
        var root = TomlDocument.Parse("s = 'x'\nn = 3\nb = true\nl = ['a', 'b']\nm = ['a', 1]\nt = 2026-03-14T09:26:53Z");

        Assert.Equal(("x", 3L, true), (root.GetString("s"), root.GetInteger("n"), root.GetBoolean("b")));
        Assert.Equal(["a", "b"], root.GetStrings("l"));
        Assert.Null(root.GetStrings("m"));
        Assert.Null(root.GetString("n"));
        Assert.Null(root.GetInteger("absent"));
        Assert.Null(root.GetDateTime("s"));
        Assert.Empty(root.GetTables("l"));
    }

    [Fact]
    public void Parse_OfWhatIsNotToml_ThrowsWithThePosition()
    {
        var thrown = Assert.Throws<TomlException>(() => TomlDocument.Parse("a = 1\n="));
        Assert.Equal(new TomlPosition(2, 1), thrown.Error.Position);
    }
}
