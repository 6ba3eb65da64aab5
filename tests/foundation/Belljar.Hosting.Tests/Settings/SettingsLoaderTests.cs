using Belljar.Contracts;
using Belljar.Hosting.Settings;
using Belljar.Manifest;
using Belljar.Testing;

namespace Belljar.Hosting.Tests.Settings;

public sealed class SettingsLoaderTests : IDisposable
{
    private static readonly SettingsSection<Shop> ShopSection = new("shop", "a shop", reader => new Shop(
        reader.Optional("port", 80, Number.Port), reader.Optional("name", "corner", Text.NonEmpty), reader.OptionalOrNull("key", Text.Secret)));

    private static readonly SettingsSection<Shop> BarSection = new("bar", "a bar", reader => new Shop(
        reader.Optional("port", 81, Number.Port), reader.Optional("name", "dive", Text.NonEmpty), null));

    private readonly TemporaryFolder _folder = new();
    private readonly SettingsLoader _loader = new(new Registry<SettingsSection>("section", ShopSection, BarSection));

    [Fact]
    public void Load_FileThenEnvironmentThenFlags_TheLaterWins()
    {
        var file = Write("shop:\n  port: 1\n  name: file\nbar:\n  port: 2\n");

        var settings = _loader.LoadOrExplain(
            file,
            new Dictionary<string, string> { ["BELLJAR__SHOP__PORT"] = "3", ["BELLJAR__BAR__PORT"] = "4", ["OTHER"] = "x" },
            [new("bar.port", "5")]);

        Assert.Equal(new Shop(3, "file", null), settings.Get(ShopSection));
        Assert.Equal(5, settings.Get(BarSection).Port);
    }

    [Fact]
    public void Load_WithoutAFile_GivesTheDefaults() =>
        Assert.Equal(new Shop(80, "corner", null), _loader.LoadOrExplain(_folder["none.yaml"], NoVariables, []).Get(ShopSection));

    [Fact]
    public void Load_WithMistakesEverywhere_ReportsThemAllAtOnce()
    {
        var file = Write("shop:\n  port: 99999\n  nam: x\nbar: 7\npub: {}\n");

        var mistake = Assert.Throws<OperatorException>(() => _loader.LoadOrExplain(file, new Dictionary<string, string> { ["BELLJAR__SHOP__NAME"] = "" }, []));

        Assert.Contains("5 mistakes", mistake.Message);
        Assert.Contains(":2:9: shop.port: found '99999'", mistake.Message);
        Assert.Contains(":3:3: shop.nam: found an unknown key 'nam'; did you mean 'name'?", mistake.Message);
        Assert.Contains(":4:6: bar: found '7'; allowed: a section", mistake.Message);
        Assert.Contains(":5:1: pub: found an unknown key 'pub'", mistake.Message);
        Assert.Contains("environment BELLJAR__SHOP__NAME: shop.name", mistake.Message);
    }

    [Fact]
    public void ChangedSince_NamesTheSectionsWhoseTextDiffers()
    {
        var before = _loader.LoadOrExplain(Write("shop:\n  port: 1\nbar:\n  port: 2\n"), NoVariables, []);
        var after = _loader.LoadOrExplain(Write("# moved\nbar:\n  port: 2\nshop:\n  port: 3\n"), NoVariables, []);

        Assert.Equal(["shop"], after.ChangedSince(before));
        Assert.Empty(after.ChangedSince(after));
    }

    [Fact]
    public void Trace_NotesValuesDefaultsAndSources_AndMasksSecrets()
    {
        var (errors, trace) = (new SettingsErrors(), new SettingsTrace());
        _loader.Load(Write("shop:\n  port: 1\n  key: hunter2hunter2\n"), NoVariables, [], errors, trace);

        Assert.Contains(trace.Settings, setting => setting is { Path: "shop.port", Value: "1" } && setting.Source.EndsWith(":2:9", StringComparison.Ordinal));
        Assert.Contains(trace.Settings, setting => setting is { Path: "shop.name", Value: "corner", Source: "default" });
        Assert.Contains(trace.Settings, setting => setting is { Path: "shop.key", Value: SettingsTrace.Masked });
        Assert.DoesNotContain(trace.Settings, setting => setting.Value.Contains("hunter2"));
    }

    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, string> NoVariables => [];

    private string Write(string yaml)
    {
        File.WriteAllText(_folder["belljar.yaml"], yaml);
        return _folder["belljar.yaml"];
    }

    private sealed record Shop(int Port, string Name, string? Key);
}
