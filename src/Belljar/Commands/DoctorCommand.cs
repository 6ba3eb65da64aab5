using System.CommandLine;
using System.CommandLine.Completions;
using Belljar.Hosting;
using Belljar.Hosting.Doctor;
using Belljar.Hosting.Settings;
using Belljar.Terminals;

namespace Belljar.Commands;

internal static class DoctorCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("check") { Description = "only these checks", Arity = ArgumentArity.ZeroOrMore };
        names.CompletionSources.Add(_ => DoctorCatalog.All.Names.Select(name => new CompletionItem(name)));
        var json = CommandTree.Json();
        var command = CommandTree.Create("doctor", "Look for what is wrong and say what to do; 1 when something is bad.", "belljar doctor", names, json);
        command.SetAction(async (parsed, ct) =>
        {
            var paths = CommandTree.Paths();
            var settings = new SettingsLoader(SettingsCatalog.All).LoadOrExplain(paths.ConfigurationFile, ProcessEnvironment.All(), []);
            var context = new DoctorContext(paths, settings, TimeProvider.System);
            var wanted = parsed.GetValue(names) is { Length: > 0 } some ? some.Select(name => DoctorCatalog.All[name]) : DoctorCatalog.All;
            var rows = new List<(string Check, DoctorRow Row)>();
            foreach (var check in wanted)
            {
                rows.AddRange((await RunAsync(check, context, ct)).Select(row => (check.Name, row)));
            }

            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of([.. rows.Select(one => new DoctorOutput(one.Check, Word(one.Row.State), one.Row.What, one.Row.Remedy))], CommandJson.Default.DoctorOutputArray));
            }
            else
            {
                rows.ForEach(one => Write(one.Row.State, one.Check, one.Row.What, one.Row.Remedy));
            }

            return rows.Exists(one => one.Row.State is CheckState.Bad) ? 1 : 0;
        });
        return command;
    }

    /// <summary>A row for people: the state, what was found, and below it what to do.</summary>
    public static void Write(CheckState state, string subject, string what, string? remedy)
    {
        var word = state switch
        {
            CheckState.Ok => Terminal.Green("ok  "),
            CheckState.Warn => Terminal.Yellow("warn"),
            _ => Terminal.Red("bad "),
        };
        Terminal.Out.WriteLine($"{word}  {Terminal.Safe(subject)}: {Terminal.Safe(what)}");
        if (remedy is not null)
        {
            Terminal.Out.WriteLine($"      {Terminal.Dim("→")} {Terminal.Safe(remedy)}");
        }
    }

    /// <summary>As JSON has it.</summary>
    public static string Word(CheckState state) => state.ToString().ToLowerInvariant();

    /// <summary>What a check may not look at is a finding too.</summary>
    private static async Task<IReadOnlyList<DoctorRow>> RunAsync(DoctorCheck check, DoctorContext context, CancellationToken ct)
    {
        try
        {
            return await check.RunAsync(context, ct);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return [new DoctorRow(CheckState.Warn, $"could not look: {failed.Message}", "Run it as the user that runs belljar, or as root.")];
        }
    }
}

/// <summary>One row of <c>doctor --json</c>; scripts rely on check, state, what, remedy.</summary>
internal sealed record DoctorOutput(string Check, string State, string What, string? Remedy);
