using System.CommandLine;
using System.Runtime.CompilerServices;
using Belljar.Hosting;

namespace Belljar.Commands;

/// <summary>Every command, in the order in which help lists them.</summary>
internal static class CommandTree
{
    private static readonly ConditionalWeakTable<Command, string> Examples = [];

    public static RootCommand Create()
    {
        var root = new RootCommand("Belljar keeps untrusted actors under glass: AI agents in bottles, mail for them, and decoys for intruders.")
        {
            UpCommand.Create(),
            StatusCommand.Create(),
            DemoCommand.Create(),
            WorkerCommand.Create(),
            WorkersCommand.Create(),
            ConfigCommand.Create(),
            DoctorCommand.Create(),
            EventsCommand.Create(),
            AuditCommand.Create(),
            BottleCommand.Create(),
            SessionCommand.Create(),
            GateCommand.Create(),
            EgressCommand.Create(),
            MailCommand.Create(),
            DecoysCommand.Create(),
            McpCommand.Create(),
            SecretsCommand.Create(),
            SandboxCommand.Create(),
            ImageCommand.Create(),
            BusCommand.Create(),
            CompletionCommand.Create(),
        };
        Examples.Add(root, "belljar up");
        return root;
    }

    /// <summary>What help ends with: an example of the command that was asked about.</summary>
    public static string? ExampleOf(Command command) => Examples.TryGetValue(command, out var example) ? example : null;

    /// <summary>The words that lead to a command: <c>belljar mail list</c>.</summary>
    public static string PathOf(Command command)
    {
        var words = new List<string>();
        for (Symbol? at = command; at is not null; at = at.Parents.FirstOrDefault())
        {
            words.Add(at is RootCommand ? "belljar" : at.Name);
        }

        words.Reverse();
        return string.Join(' ', words);
    }

    /// <summary>A command with an example, which every help text has.</summary>
    public static Command Create(string name, string summary, string example, params IEnumerable<Symbol> parts)
    {
        var command = new Command(name, summary);
        Examples.Add(command, example);
        foreach (var part in parts)
        {
            switch (part)
            {
                case Command subcommand:
                    command.Add(subcommand);
                    break;
                case Option option:
                    command.Add(option);
                    break;
                case Argument argument:
                    command.Add(argument);
                    break;
            }
        }

        return command;
    }

    public static Option<bool> Json() => new("--json") { Description = "print JSON for scripts" };

    public static BelljarPaths Paths() => BelljarPaths.FromEnvironment();
}
