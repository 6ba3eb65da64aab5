using System.Diagnostics.CodeAnalysis;
using System.Text;
using Belljar.Testing;

namespace Belljar.Manifest.Tests;

public class YamlTests
{
    private readonly SettingsErrors _errors = new();

    [SuppressMessage("ApiDesign", "RS0030", Justification = "Tests have no Hosting to ask.")]
    private static bool RunAll => Environment.GetEnvironmentVariable("BELLJAR_TEST_ALL") == "1";

    [Fact]
    public void Read_ATree_KeepsOrderAndPositions()
    {
        var root = Assert.IsType<SettingsMapping>(Read("b: 1\na:\n  - x\n  - {k: 'v'}\n"));

        Assert.Equal(["b", "a"], root.Entries.Select(entry => entry.Key));
        var list = Assert.IsType<SettingsSequence>(root.Entries[1].Value);
        Assert.Equal(new Position("t.yaml", 3, 5), list.Items[0].Position);
        var inner = Assert.IsType<SettingsMapping>(list.Items[1]);
        Assert.Equal(new Position("t.yaml", 4, 6), inner.Entries[0].KeyPosition);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("---\n")]
    [InlineData("\uFEFF")]
    public void Read_AnEmptyDocument_IsAnEmptySection(string yaml)
    {
        Assert.Empty(Assert.IsType<SettingsMapping>(Read(yaml)).Entries);
        Assert.Empty(_errors);
    }

    [Fact]
    public void Read_ADuplicateKey_NamesBothLines()
    {
        Read("a: 1\nb: 2\na: 3\n");

        Assert.Equal("t.yaml:3:1: found the key 'a' a second time; the first stands in line 1; allowed: each key once", _errors.ToString());
    }

    [Theory]
    [InlineData("a: &x 1", "an anchor or alias")]
    [InlineData("a: &x [1]\nb: *x", "an anchor or alias")]
    [InlineData("? [a]\n: 1", "as a key")]
    [InlineData("? {a: 1}\n: 1", "as a key")]
    [InlineData("~: 1", "as a key")]
    [InlineData("a: !!python/object x", "a tag")]
    [InlineData("!foo {a: 1}", "a tag")]
    [InlineData("a: 1\n---\nb: 2", "a second document")]
    [InlineData("a: [1", "not YAML")]
    [InlineData("a: \"\\U00110000\"", "not YAML")]
    [InlineData("a: \"\\ud800\"", "not YAML")]
    [InlineData("a: b: c", "not YAML")]
    [InlineData("{bottle: dev, ?\n--- }", "not YAML")]
    [InlineData("%FOO bar\n---\na: %", "not YAML")]
    [InlineData("a: \0", "the control character U+0000")]
    [InlineData("a: \u001b[2J", "the control character U+001B")]
    public void Read_WhatIsMoreThanATree_IsAMistake(string yaml, string found)
    {
        Read(yaml);

        Assert.Contains(found, _errors.First().Found);
    }

    [Fact]
    public void Read_BillionLaughs_IsAMistakeAtTheFirstAnchor()
    {
        var yaml = new StringBuilder("a: &a [x,x,x,x,x,x,x,x,x]\n");
        for (var c = 'b'; c < 'z'; c++)
        {
            yaml.Append($"{c}: &{c} [{string.Join(',', Enumerable.Repeat($"*{(char)(c - 1)}", 9))}]\n");
        }

        Assert.Null(Read(yaml.ToString()));
        Assert.Equal(1, Assert.Single(_errors).Position.Line);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Read_DeepNesting_IsAMistakeAndNotAStackOverflow(string level)
    {
        var yaml = string.Concat(Enumerable.Repeat(level, 200_000 / level.Length));

        Assert.Null(Read(yaml));
        Assert.Single(_errors);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("[1, 2], ")]
    [InlineData("\"")]
    [InlineData("a: 1\n")]
    [InlineData("'")]
    [InlineData("|\n")]
    [InlineData("#")]
    [InlineData("\n \n")]
    public async Task Read_OneMebibyteOfTheSame_Ends(string part)
    {
        var work = Task.Run(() => Read(string.Concat(Enumerable.Repeat(part, Yaml.LongestFile / part.Length))));

        var node = await work.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(node is not null || _errors.Any, "no tree and no mistake");
    }

    [Fact]
    public void Read_OneByteTooMany_IsAMistake()
    {
        Assert.Null(Read(new string('#', Yaml.LongestFile + 1)));
        Assert.Contains("more than 1 MiB", Assert.Single(_errors).Found);
    }

    [Fact]
    public void Read_BytesThatAreNotUtf8_IsAMistake()
    {
        Assert.Null(Yaml.Read("t.yaml", [0x61, 0x3a, 0x20, 0xc3, 0x28], _errors));
        Assert.Contains("not UTF-8", Assert.Single(_errors).Found);
    }

    [Fact]
    public void Load_WhatCannotBeRead_IsAMistake()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["ok.yaml"], "a: 1");

        Assert.NotNull(Yaml.Load(folder["ok.yaml"], _errors));
        Assert.Empty(_errors);
        Assert.Null(Yaml.Load(folder["absent.yaml"], _errors));
        Assert.Null(Yaml.Load(folder.Path, _errors));
        Assert.Contains(_errors, error => error.Found == "no such file");
        Assert.Equal(2, _errors.Count);
    }

    [Fact]
    public void Read_CutAtEveryByteAndDamaged_NeverThrows()
    {
        var seed = Encoding.UTF8.GetBytes("""
            # settings
            mail: {domain: "ex\u00e4mple.org", ports: [25, 0x19], note: 'it''s'}
            text: |-
              block
              text
            folded: >+
              more
            ? key
            : value
            routes:
              - host: "*.example.org"
                paths: [/a, /b]
            """);
        for (var cut = 0; cut <= seed.Length; cut++)
        {
            Yaml.Read("t.yaml", seed.AsSpan(0, cut), new SettingsErrors());
        }

        var random = new Random(20260314);
        var alphabet = "[]{}:,-?|>'\"\\&*!%@`#~ \n\tabcxuU0179\u00e4"u8.ToArray();
        var rounds = RunAll ? 400_000 : 4000;
        for (var round = 0; round < rounds; round++)
        {
            var damaged = seed.ToArray();
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = alphabet[random.Next(alphabet.Length)];
            }

            var errors = new SettingsErrors();
            var node = Yaml.Read("t.yaml", damaged, errors);
            Assert.True(node is not null || errors.Any, "no tree and no mistake");
            if (node is not null)
            {
                new SettingsReader(node, "", errors).End();
            }
        }
    }

    private SettingsNode? Read(string yaml) => Yaml.Read("t.yaml", Encoding.UTF8.GetBytes(yaml), _errors);
}
