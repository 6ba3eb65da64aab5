using System.CommandLine;
using Belljar.Demo;
using Belljar.Hosting;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>A guided tour with real traffic, in a home of its own.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var keep = new Option<bool>("--keep") { Description = "leave the home there, to look into it" };
        var command = CommandTree.Create("demo", "Run everything in a temporary home, with real clients, and tell what happens.", "belljar demo", keep);
        command.SetAction(async (parsed, ct) =>
        {
            var folder = Directory.CreateTempSubdirectory("belljar-demo-").FullName;
            try
            {
                await using var home = new DemoHome(folder);
                var failed = await new DemoStory(home, Terminal.Out).TellAsync(ct);
                return failed == 0 ? 0 : OperatorException.Failed;
            }
            finally
            {
                if (parsed.GetValue(keep))
                {
                    Terminal.Out.WriteLine($"The home is still there: BELLJAR_HOME={folder}");
                }
                else
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        });
        return command;
    }
}
