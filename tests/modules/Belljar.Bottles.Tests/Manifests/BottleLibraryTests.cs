using Belljar.Bottles.Manifests;
using Belljar.Contracts;
using Belljar.Hosting;
using Belljar.Manifest;
using Belljar.Testing;

namespace Belljar.Bottles.Tests.Manifests;

public sealed class BottleLibraryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SettingsErrors _errors = new();

    public BottleLibraryTests() => Directory.CreateDirectory(Bottles, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private string Bottles => _folder["bottles"];

    [Fact]
    public void Load_ABottle_ReadsWhatItSaysAndHandsEgressOn()
    {
        Write("dev.md", "---\nenv:\n  CI: \"1\"\nlimits:\n  memory: 2GiB\n  cpus: 1.5\negress:\n  routes: []\n---\ntext\n");

        var bottle = Load("dev")!;

        Assert.Empty(_errors);
        Assert.Equal("dev", bottle.Name);
        Assert.Equal(("CI", "1"), (bottle.Environment[0].Name, bottle.Environment[0].Value));
        Assert.Equal(new BottleLimits(2L << 30, 1.5, BottleLimits.DefaultProcesses), bottle.Limits);
        Assert.NotNull(bottle.Egress);
    }

    [Theory]
    [InlineData("git-gate", "not support it yet")]
    [InlineData("extends", "not support it yet")]
    [InlineData("git", "git-gate")]
    [InlineData("cred_proxy", "egress.routes[].auth")]
    public void Load_AKeyThatIsNotHonoured_SaysSo(string key, string hint)
    {
        Write("dev.md", $"---\n{key}: x\n---\n");

        Load("dev");

        var error = Assert.Single(_errors);
        Assert.Equal(2, error.Position.Line);
        Assert.Contains(hint, error.ToString());
    }

    [Fact]
    public void Load_AnUnknownBottle_ListsTheKnown()
    {
        Write("dev.md", "---\n---\n");
        Write("Not-A-Name.md", "---\n---\n");

        var unknown = Assert.Throws<UnknownNameException>(() => Load("dve"));

        Assert.Equal("There is no bottle 'dve'. Did you mean 'dev'? Known: dev.", unknown.Message);
    }

    [Theory]
    [InlineData("../dev")]
    [InlineData("dev.md")]
    [InlineData("")]
    [InlineData("DEV")]
    public void Load_ANameThatIsNone_IsUnknown(string name)
    {
        Write("dev.md", "---\n---\n");

        Assert.Throws<UnknownNameException>(() => Load(name));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Load_FromAFolderOthersCanWrite_IsRefused(UnixFileMode mode)
    {
        Write("dev.md", "---\n---\n");
        File.SetUnixFileMode(Bottles, File.GetUnixFileMode(Bottles) | mode);

        var refused = Assert.Throws<OperatorException>(() => Load("dev"));

        Assert.Contains("chmod go-w", refused.Message);
    }

    [Fact]
    public void Load_AFileOthersCanWrite_IsRefused()
    {
        Write("dev.md", "---\n---\n");
        File.SetUnixFileMode(_folder["bottles/dev.md"], UnixFileMode.UserRead | UnixFileMode.OtherWrite);

        Assert.Contains("can be written by others", Assert.Throws<OperatorException>(() => Load("dev")).Message);
    }

    [Fact]
    public void Load_FromInsideTheRepositoryThatHoldsTheBottles_IsRefused()
    {
        Write("dev.md", "---\n---\n");
        Directory.CreateDirectory(_folder[".git"]);
        Directory.CreateDirectory(_folder["src"]);

        var refused = Assert.Throws<OperatorException>(() => new BottleLibrary(Bottles).Load("dev", _folder["src"], _errors));

        Assert.Contains("inside the repository", refused.Message);
    }

    public void Dispose() => _folder.Dispose();

    private BottleManifest? Load(string name) => new BottleLibrary(Bottles).Load(name, "/", _errors);

    private void Write(string name, string text)
    {
        var path = Path.Combine(Bottles, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
