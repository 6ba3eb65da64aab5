using System.CommandLine;
using System.Globalization;
using Belljar.Commands;
using Belljar.Contracts;
using Belljar.Home;
using Belljar.Hosting;
using Belljar.Terminals;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

const int Interrupted = 130;

// No @file expansion: what follows "--" is somebody else's command line.
var parsed = CommandTree.Create().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Errors.Count > 0 && parsed.Action is not null and not System.CommandLine.Help.HelpAction)
{
    foreach (var line in UsageErrors.Of(parsed))
    {
        Terminal.Error.WriteLine(line);
    }

    return OperatorException.WrongUsage;
}

try
{
    var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(12) });
    if (parsed.Action is System.CommandLine.Help.HelpAction && CommandTree.ExampleOf(parsed.CommandResult.Command) is { } example)
    {
        Terminal.Out.WriteLine($"Example:\n  {example}\n");
    }

    return code;
}
catch (OperatorException mistake)
{
    Terminal.Error.WriteLine($"belljar: {mistake.Message}");
    return mistake.ExitCode;
}
catch (UnknownNameException mistake)
{
    Terminal.Error.WriteLine($"belljar: {mistake.Message}");
    return OperatorException.WrongUsage;
}
catch (OperationCanceledException)
{
    return Interrupted;
}
catch (Exception bug)
{
    Terminal.Error.WriteLine($"belljar: {Terminal.Safe(bug.Message)} (a bug: {CrashLog.Write(bug)})");
    return OperatorException.Failed;
}
