using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Manifest;
using Belljar.Terminals;

namespace Belljar.Commands;

internal static class ConfigCommand
{
    public static Command Create() => CommandTree.Create(
        "config", "Show the effective configuration, or check a file.", "belljar config check", Show(), Check());

    private static Command Show()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create(
            "show", "Print every setting in force and where it comes from; secrets are masked.", "belljar config show", json);
        command.SetAction(parsed =>
        {
            var paths = CommandTree.Paths();
            var (errors, trace) = (new SettingsErrors(), new SettingsTrace());
            if (Load(paths.ConfigurationFile, errors, trace) is null)
            {
                throw new OperatorException(SettingsLoader.Explain(errors));
            }

            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of(trace.Settings, ConfigJson.Default.IReadOnlyListEffectiveSetting));
                return;
            }

            var table = new Table("KEY", "VALUE", "FROM");
            foreach (var setting in trace.Settings.OrderBy(setting => setting.Path, StringComparer.Ordinal))
            {
                table.Add(setting.Path, setting.Value, setting.Source);
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static Command Check()
    {
        var file = new Argument<string?>("file") { Description = "the file to check; the one in the home when left out", Arity = ArgumentArity.ZeroOrOne };
        var command = CommandTree.Create("check", "Report every mistake of a configuration file.", "belljar config check ./belljar.yaml", file);
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file) ?? CommandTree.Paths().ConfigurationFile;
            if (!File.Exists(path))
            {
                throw new OperatorException($"there is no file {path}. 'belljar up' writes a first one.");
            }

            var errors = new SettingsErrors();
            if (Load(path, errors, trace: null) is null)
            {
                throw new OperatorException(SettingsLoader.Explain(errors));
            }

            Terminal.Out.WriteLine($"{path}: no mistakes");
        });
        return command;
    }

    private static SettingsSet? Load(string file, SettingsErrors errors, SettingsTrace? trace) =>
        new SettingsLoader(SettingsCatalog.All).Load(file, ProcessEnvironment.All(), [], errors, trace);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<EffectiveSetting>))]
internal sealed partial class ConfigJson : JsonSerializerContext;
