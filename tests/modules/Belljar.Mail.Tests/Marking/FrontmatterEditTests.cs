using System.Text;
using Belljar.Mail.Marking;
using Belljar.Toml;

namespace Belljar.Mail.Tests.Marking;

public sealed class FrontmatterEditTests
{
    [Fact]
    public void Edit_LeavesEverythingElseAsItIs()
    {
        var file = Encoding.UTF8.GetBytes("+++\nid = \"x\" # mine\n\nread   = false # not yet\nlabels = [\"a\"]\n[[attachments]]\nread = false\n+++\n\nbody\n").Concat(new byte[] { 0xff, 0, (byte)'\n' }).ToArray();

        var edited = FrontmatterEdit.Apply(file, ("read", true), ("read_at", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));

        var expected = Encoding.UTF8.GetBytes(
            "+++\nid = \"x\" # mine\n\nread = true\nlabels = [\"a\"]\nread_at = 2026-01-02T03:04:05Z\n[[attachments]]\nread = false\n+++\n\nbody\n").Concat(new byte[] { 0xff, 0, (byte)'\n' }).ToArray();
        Assert.Equal(Encoding.Latin1.GetString(expected), Encoding.Latin1.GetString(edited!));
    }

    [Theory]
    [InlineData("subject = \"\"\"\nread = false\n\"\"\"\nread = false\n")]
    [InlineData("labels = [\n  \"a\",\n  \"b\",\n]\nread = false\n")]
    [InlineData("\"read\" = false\n")]
    [InlineData("subject = \"+++\"\n")]
    [InlineData("read = false\r\n")]
    [InlineData("[table]\nread = false\n")]
    public void Edit_OfWhatPeopleWrote_ChangesThatKeyAlone(string frontmatter)
    {
        var before = TomlDocument.Parse(frontmatter);

        var edited = Encoding.UTF8.GetString(FrontmatterEdit.Apply(Encoding.UTF8.GetBytes($"+++\n{frontmatter}+++\n\nbody\n"), ("read", true), ("labels", new[] { "x" }))!);

        Assert.EndsWith("+++\n\nbody\n", edited);
        var after = TomlDocument.Parse(edited[4..^"+++\n\nbody\n".Length]);
        Assert.True(after.GetBoolean("read"));
        Assert.Equal(["x"], after.GetStrings("labels"));
        Assert.Equal(before.GetString("subject"), after.GetString("subject"));
        Assert.Equal(before.TryGet<TomlTable>("table", out var table), after.TryGet<TomlTable>("table", out var same));
        Assert.Equal(table?.GetBoolean("read"), same?.GetBoolean("read"));
    }

    [Fact]
    public void Removal_OfAKey()
        => Assert.Equal("+++\nread = true\n+++\n\n", Encoding.UTF8.GetString(FrontmatterEdit.Apply("+++\nlabels = [\"a\"]\nread = true\n+++\n\n"u8, ("labels", null), ("nothing", null))!));

    [Theory]
    [InlineData("no frontmatter")]
    [InlineData("+++\nread = false\n")]
    [InlineData("+++\nread = nonsense\n+++\n")]
    public void File_WithoutFrontmatter_IsNotTouched(string file) => Assert.Null(FrontmatterEdit.Apply(Encoding.UTF8.GetBytes(file), ("read", true)));
}
