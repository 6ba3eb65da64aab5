using System.Text;

namespace Belljar.Manifest.Tests;

public class SettingsOverlayTests
{
    private readonly SettingsErrors _errors = new();

    [Fact]
    public void Environment_OverASetting_WinsAndIsNamedInMistakes()
    {
        var root = Overlaid("mail: {port: 25, domain: a.org}", ("BELLJAR__MAIL__PORT", "abc"), ("PATH", "/bin"), ("BELLJAR_HOME", "/x"));
        var mail = root.Section("mail");

        Assert.Equal("a.org", mail.Required("domain", Text.NonEmpty));
        mail.Required("port", Number.Port);
        root.End();
        Assert.Equal("environment BELLJAR__MAIL__PORT: mail.port: found 'abc'; allowed: a whole number from 1 to 65535", _errors.ToString());
    }

    [Fact]
    public void Environment_WithUnderscores_MeansKeysWithHyphens()
    {
        var root = Overlaid("git-gate: {user: x}", ("BELLJAR__GIT_GATE__USER", "y"), ("BELLJAR__NEW_KEY", "z"));

        Assert.Equal("y", root.Section("git-gate").Required("user", Text.NonEmpty));
        Assert.Equal("z", root.Required("new-key", Text.NonEmpty));
        root.End();
        Assert.Empty(_errors);
    }

    [Fact]
    public void Environment_WithNumbers_GrowsAndReplacesInLists()
    {
        var variables = Enumerable.Range(0, 12).Select(i => ($"BELLJAR__NEW__{i}", $"v{i}"))
            .Append(("BELLJAR__ROUTES__0__HOST", "b")).Append(("BELLJAR__ROUTES__1__HOST", "c"));
        var root = Overlaid("routes: [{host: a, port: 1}]", [.. variables]);

        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"v{i}"), root.List("new", Text.NonEmpty));
        var routes = root.Sections("routes");
        Assert.Equal(["b", "c"], routes.Select(route => route.Required("host", Text.NonEmpty)));
        Assert.Equal(1, routes[0].Required("port", Number.Port));
        Assert.Empty(_errors);
    }

    [Theory]
    [InlineData("BELLJAR__MAIL__PORT__DEEPER", "a key below a single value")]
    [InlineData("BELLJAR__LIST__7", "'7'")]
    [InlineData("BELLJAR__LIST__X", "'x'")]
    [InlineData("BELLJAR____X", "a name of another form")]
    [InlineData("BELLJAR__", "a name of another form")]
    public void Environment_ThatFitsNowhere_IsAMistake(string name, string found)
    {
        Overlaid("mail: {port: 25}\nlist: [a]", (name, "1"));

        var error = Assert.Single(_errors);
        Assert.Contains(found, error.Found);
        Assert.Equal($"environment {name}", error.Position.ToString());
    }

    [Fact]
    public void Environment_NamingNoKnownKey_IsReportedWithTheNearest()
    {
        var root = Overlaid("", ("BELLJAR__MIAL", "1"));
        root.Section("mail");
        root.End();

        Assert.Equal("environment BELLJAR__MIAL: mial: found an unknown key 'mial'; did you mean 'mail'?; allowed: mail", _errors.ToString());
    }

    [Fact]
    public void Flags_AreExactAndWinOverAll()
    {
        var root = SettingsOverlay.Flags(Yaml.Read("t.yaml", "mail: {port: 1}"u8, _errors)!, [new("mail.port", "2"), new("mail.port", "3")], _errors);

        var mail = new SettingsReader(root, "", _errors).Section("mail");
        Assert.Equal(3, mail.Required("port", Number.Port));
        Assert.Equal("flag mail.port", mail.PositionOf("port").ToString());
    }

    private SettingsReader Overlaid(string yaml, params (string Name, string Value)[] variables)
    {
        var file = Yaml.Read("t.yaml", Encoding.UTF8.GetBytes(yaml), _errors)!;
        return new SettingsReader(SettingsOverlay.Environment(file, variables.ToDictionary(v => v.Name, v => v.Value), _errors), "", _errors);
    }
}
