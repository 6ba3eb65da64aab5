using System.CommandLine;
using Belljar.Commands;

namespace Belljar.Tests;

public class CommandTreeTests
{
    [Fact]
    public void Commands_EachHaveASummaryAndAnExample()
    {
        Assert.All(All(CommandTree.Create()), command =>
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), CommandTree.PathOf(command));
            Assert.False(string.IsNullOrWhiteSpace(CommandTree.ExampleOf(command)), CommandTree.PathOf(command));
        });
    }

    [Fact]
    public void Examples_AreCommandsThatParse()
    {
        var root = CommandTree.Create();
        Assert.All(All(root).Where(command => !command.Hidden), command =>
        {
            var example = CommandTree.ExampleOf(command)!;
            if (example.StartsWith("belljar ", StringComparison.Ordinal))
            {
                Assert.Empty(root.Parse(example["belljar ".Length..]).Errors);
            }
        });
    }

    [Fact]
    public void CompletionOfWords_KnowsTheCommands()
    {
        var completions = CommandTree.Create().Parse("bottle ").GetCompletions().Select(item => item.Label);

        Assert.Contains("run", completions);
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
