using System.Net;
using System.Text;

namespace Belljar.Manifest.Tests;

public class SettingsReaderTests
{
    private readonly SettingsErrors _errors = new();

    [Fact]
    public void Read_FiveMistakesInOneFile_ReportsAllWithLineAndKey()
    {
        var root = Root("""
            mail:
              domain: ""
              smtp:
                port: abc
                listen: 127.0.0.1
              max_message: 25 potatoes
            decoys:
              enabled: yes
            """);
        var mail = root.Section("mail");
        mail.Required("domain", Text.NonEmpty);
        mail.Section("smtp").Optional("port", 25, Number.Port);
        mail.Section("smtp").Optional("listen", new IPEndPoint(IPAddress.Loopback, 25), Address.Listen);
        mail.Optional("max_message", 0, ByteSize.Between(1, 1 << 30));
        root.Section("decoys").Optional("enabled", false, Flag.TrueOrFalse);

        Assert.Equal(
            [
                "t.yaml:2:11: mail.domain: found ''; allowed: text that is not empty",
                "t.yaml:4:11: mail.smtp.port: found 'abc'; allowed: a whole number from 1 to 65535",
                "t.yaml:5:13: mail.smtp.listen: found '127.0.0.1'; allowed: an IP address and a port such as 127.0.0.1:25 or [::1]:25 (port 0: any free one)",
                "t.yaml:6:16: mail.max_message: found '25 potatoes'; allowed: a size such as 512KiB or 25MiB, from 1B to 1GiB",
                "t.yaml:8:12: decoys.enabled: found 'yes'; allowed: true or false",
            ],
            _errors.Lines());
    }

    [Fact]
    public void End_WithUnknownKeys_NamesTheNearestAndTheAllowed()
    {
        var root = Root("""
            mail:
              domian: example.org
              zebra: 1
            """);
        var mail = root.Section("mail");
        mail.Optional("domain", "", Text.NonEmpty);
        mail.Optional("port", 25, Number.Port);
        root.End();

        Assert.Equal(
            [
                "t.yaml:2:3: mail.domian: found an unknown key 'domian'; did you mean 'domain'?; allowed: domain, port",
                "t.yaml:3:3: mail.zebra: found an unknown key 'zebra'; allowed: domain, port",
            ],
            _errors.Lines());
    }

    [Fact]
    public void End_ReachesSectionsInListsAndMaps()
    {
        var root = Root("""
            routes:
              - host: a
                oops: 1
            boxes:
              x: {odd: 1}
            """);
        root.Sections("routes")[0].Required("host", Text.NonEmpty);
        root.NamedSections("boxes", Text.NonEmpty);
        root.End();

        Assert.Equal(["routes[0].oops", "boxes.x.odd"], _errors.Select(error => error.KeyPath));
    }

    [Fact]
    public void Required_Missing_PointsAtTheSection()
    {
        Root("mail:\n  port: 1\n").Section("mail").Required("domain", Text.NonEmpty);

        Assert.Equal(["t.yaml:2:3: mail.domain: found nothing; this key is required; allowed: text that is not empty"], _errors.Lines());
    }

    [Fact]
    public void Required_InASectionThatIsNone_ReportsOnlyTheSection()
    {
        Root("mail: hello").Section("mail").Required("domain", Text.NonEmpty);

        Assert.Equal(["t.yaml:1:7: mail: found 'hello'; allowed: a section"], _errors.Lines());
    }

    [Theory]
    [InlineData("port:")]
    [InlineData("port: ~")]
    [InlineData("port: [1]")]
    [InlineData("port: {a: 1}")]
    [InlineData("port: +5")]
    [InlineData("port: 0x19")]
    [InlineData("port: 1_000")]
    [InlineData("port: 1e3")]
    [InlineData("port: 99999999999999999999")]
    [InlineData("port: ' 25'")]
    public void Optional_OfAnotherForm_IsAMistakeAndNotTheDefault(string yaml)
    {
        Root(yaml).Optional("port", 25, Number.Port);

        Assert.Equal("port", Assert.Single(_errors).KeyPath);
    }

    [Fact]
    public void Read_EveryType_GivesItsValue()
    {
        var root = Root("""
            text: 123
            number: -5
            big: 9000000000
            fraction: 0.25
            flag: true
            word: audit
            listen: "[::1]:0"
            network: 10.0.0.0/8
            single: fd00::1
            size: 25MiB
            span: 1h30m
            list: [a, b]
            map: {k: 7}
            """);

        Assert.Equal("123", root.Required("text", Text.NonEmpty));
        Assert.Equal(-5, root.Required("number", Number.Between(-10, 10)));
        Assert.Equal(9_000_000_000, root.Required("big", Number.Between(0L, long.MaxValue)));
        Assert.Equal(0.25, root.Required("fraction", Number.Between(0.0, 1.0)));
        Assert.True(root.Required("flag", Flag.TrueOrFalse));
        Assert.Equal(2, root.Required("word", Word.Of(("enforce", 1), ("audit", 2))));
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 0), root.Required("listen", Address.Listen));
        Assert.Equal(IPNetwork.Parse("10.0.0.0/8"), root.Required("network", Address.Network));
        Assert.Equal(IPNetwork.Parse("fd00::1/128"), root.Required("single", Address.Network));
        Assert.Equal(25 << 20, root.Required("size", ByteSize.Between(0, 1 << 30)));
        Assert.Equal(TimeSpan.FromMinutes(90), root.Required("span", Duration.Between(TimeSpan.Zero, TimeSpan.FromDays(1))));
        Assert.Equal(["a", "b"], root.List("list", Text.NonEmpty));
        Assert.Equal(("k", 7), (root.NamedValues("map", Text.NonEmpty, Number.Port)[0].Name, root.NamedValues("map", Text.NonEmpty, Number.Port)[0].Value));
        root.End();
        Assert.Empty(_errors);
    }

    [Fact]
    public void List_WithWrongItems_NamesEachPlace()
    {
        Root("ports: [80, x, 443, [1]]").List("ports", Number.Port);

        Assert.Equal(["ports[1]", "ports[3]"], _errors.Select(error => error.KeyPath));
    }

    [Fact]
    public void List_OutsideItsBounds_IsAMistake()
    {
        var root = Root("a: []\nb: [1, 2, 3]");
        root.List("a", Number.Port, atLeast: 1);
        Assert.Empty(root.List("b", Number.Port, atMost: 2));

        Assert.Equal(["a", "b"], _errors.Select(error => error.KeyPath));
    }

    [Fact]
    public void Refuse_APresentKey_SaysWhyAndIsNotReportedTwice()
    {
        var root = Root("tls: inspect\nmode: audit");
        root.Optional("mode", "", Text.NonEmpty);
        root.Refuse("tls", "not supported yet in this version");
        root.Refuse("budget", "not supported yet in this version");
        root.End();

        Assert.Equal(["t.yaml:1:1: tls: found 'tls'; not supported yet in this version"], _errors.Lines());
    }

    [Fact]
    public void Secret_OfTheWrongForm_IsNotShown()
    {
        var type = new SettingsType<string>("eight letters", "", (string text, out string value) => (value = text).Length == 8) { IsSecret = true };
        Root("key: hunter2").Required("key", type);

        Assert.DoesNotContain("hunter2", _errors.ToString());
    }

    [Fact]
    public void Errors_FromTextThatAttacksTheTerminal_AreMadeVisible()
    {
        Root("port: \"\\e[2J\\n\\u202eabc\"").Required("port", Number.Port);

        Assert.Equal("t.yaml:1:7: port: found '\\u001b[2J\\u000a\\u202eabc'; allowed: a whole number from 1 to 65535", _errors.ToString());
    }

    [Fact]
    public void Errors_WithoutEnd_AreCountedButNotKept()
    {
        var root = Root(string.Concat(Enumerable.Range(0, 300).Select(i => $"k{i}: 1\n")));
        root.End();

        Assert.Equal((SettingsErrors.Most, 300 - SettingsErrors.Most), (_errors.Count, _errors.Dropped));
    }

    private SettingsReader Root(string yaml)
        => new(Yaml.Read("t.yaml", Encoding.UTF8.GetBytes(yaml), _errors)!, "", _errors);
}
