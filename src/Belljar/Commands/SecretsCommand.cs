using System.CommandLine;
using Belljar.Detection;
using Belljar.Hosting;
using Belljar.Secrets;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>The gates' scanner as a tool.</summary>
internal static class SecretsCommand
{
    private const int Error = 2;

    public static Command Create() => CommandTree.Create("secrets", "Find secrets before they leave.", "belljar secrets scan .", Scan());

    private static Command Scan()
    {
        var paths = new Argument<string[]>("path") { Description = "files and folders; - is standard input", Arity = ArgumentArity.ZeroOrMore };
        var git = new Option<string?>("--git") { Description = "scan a repository's history instead: all of it, or a range (main..HEAD)", Arity = ArgumentArity.ZeroOrOne };
        var rules = new Option<string?>("--rules") { Description = "a rule file (gitleaks' format) instead of our own rules" };
        var baseline = new Option<string?>("--baseline") { Description = "known findings, which are not reported again" };
        var writeBaseline = new Option<string?>("--write-baseline") { Description = "write what is found now to this file" };
        var sarif = new Option<string?>("--sarif") { Description = "write a SARIF 2.1.0 report to this file" };
        var honour = new Option<bool>("--honour-allow-comments") { Description = "pass over lines that say belljar:allow or gitleaks:allow" };
        var json = CommandTree.Json();
        var command = CommandTree.Create(
            "scan",
            "Scan files, folders, standard input or git history. Exit code 0: nothing found, 1: findings, 2: could not, or not everything.",
            "belljar secrets scan src --json",
            paths, git, rules, baseline, writeBaseline, sarif, honour, json);
        command.SetAction(async (parsed, ct) =>
        {
            try
            {
                var set = RuleSource.Load(parsed.GetValue(rules), parsed.GetValue(honour));
                var known = Baseline.Read(parsed.GetValue(baseline));
                var places = parsed.GetValue(paths) is { Length: > 0 } given ? given : ["."];
                using var progress = new ProgressLine("scanned", "files and objects");
                var results = parsed.GetResult(git) is null
                    ? await new FileScan(set, progress).RunAsync(places, ct)
                    : await new GitScan(set, progress).RunAsync(places[0], parsed.GetValue(git), ct);
                progress.End();
                var report = new SecretReport(set, [.. results.Findings.Where(found => !known.Covers(found))], results);
                if (parsed.GetValue(writeBaseline) is { } target)
                {
                    Baseline.Write(target, results.Findings);
                }

                if (parsed.GetValue(sarif) is { } file)
                {
                    report.WriteSarif(file);
                }

                if (parsed.GetValue(json))
                {
                    report.WriteJson(Terminal.Out);
                }
                else
                {
                    report.WriteText(Terminal.Out);
                }

                report.WriteWarnings(Terminal.Error);
                return report.Findings.Count > 0 ? 1 : results.Unreadable.Count > 0 ? Error : 0;
            }
            catch (IOException unreadable)
            {
                throw new OperatorException(unreadable.Message, Error);
            }
            catch (UnauthorizedAccessException forbidden)
            {
                throw new OperatorException(forbidden.Message, Error);
            }
        });
        return command;
    }
}
