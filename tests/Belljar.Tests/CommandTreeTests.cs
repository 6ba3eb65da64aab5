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

    [Theory]
    [InlineData("", "belljar: belljar needs a command: up, status,")]
    [InlineData("mial list agent", "belljar: belljar has no command 'mial' (did you mean 'mail'?)")]
    [InlineData("mail lst", "belljar: belljar mail has no command 'lst' (did you mean 'list'?)")]
    [InlineData("mail xyzxyzxyz", "belljar: belljar mail has no command 'xyzxyzxyz'")]
    [InlineData("status --jsn", "belljar: Unrecognized command or argument '--jsn'. (did you mean '--json'?)")]
    [InlineData("mail show agent", "belljar: Required argument 'id' missing for command: 'show'.")]
    public void Mistakes_AreNamedWithTheNearestWord(string line, string first)
    {
        var lines = UsageErrors.Of(CommandTree.Create().Parse(line)).ToList();

        Assert.StartsWith(first, lines[0]);
        Assert.Equal(2, lines.Count);
        Assert.StartsWith("Try: belljar", lines[1]);
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
