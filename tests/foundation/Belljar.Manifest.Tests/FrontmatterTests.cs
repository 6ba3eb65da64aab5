using System.Text;

namespace Belljar.Manifest.Tests;

public class FrontmatterTests
{
    private readonly SettingsErrors _errors = new();

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Read_SettingsAndBody_KeepsThePositionsOfTheFile(string lineEnd)
    {
        var read = Read("---\nbottle: dev\nport: x\n---\n# Title\n---\nmore\n".ReplaceLineEndings(lineEnd))!;

        Assert.Equal("# Title\n---\nmore\n".ReplaceLineEndings(lineEnd), read.Body);
        Assert.Equal(5, read.BodyLine);
        new SettingsReader(read.Settings, "", _errors).Required("port", Number.Port);
        Assert.Equal(new Position("a.md", 3, 7), Assert.Single(_errors).Position);
    }

    [Fact]
    public void Read_EmptySettingsAndNoBody_IsAllowed()
    {
        var read = Read("---\n---")!;

        Assert.Empty(Assert.IsType<SettingsMapping>(read.Settings).Entries);
        Assert.Equal("", read.Body);
    }

    [Theory]
    [InlineData("", "no frontmatter")]
    [InlineData("# Title\n", "no frontmatter")]
    [InlineData("----\na: 1\n----\n", "no frontmatter")]
    [InlineData("---\na: 1\n", "frontmatter without an end")]
    [InlineData("---", "frontmatter without an end")]
    [InlineData("---\na: [\n---\n", "not YAML")]
    public void Read_AnotherForm_IsAMistake(string text, string found)
    {
        Assert.Null(Read(text));
        Assert.Contains(found, Assert.Single(_errors).Found);
    }

    [Fact]
    public void Read_AMistakeInTheYaml_NamesTheLineOfTheFile()
    {
        Read("---\na: 1\nb: c: d\n---\n");

        Assert.Equal(3, Assert.Single(_errors).Position.Line);
    }

    private Frontmatter? Read(string text) => Frontmatter.Read("a.md", Encoding.UTF8.GetBytes(text), _errors);
}
