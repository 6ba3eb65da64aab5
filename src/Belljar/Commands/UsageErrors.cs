using System.CommandLine;
using System.CommandLine.Parsing;
using Belljar.Contracts;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>What is said when a command line cannot be understood: one line that says why, the nearest word, and where help is.</summary>
internal static class UsageErrors
{
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = CommandTree.PathOf(command);
        if (command.Subcommands.Any(sub => !sub.Hidden) && command.Action is null)
        {
            // The rest of the words cannot be judged before it is known which command they belong to.
            yield return parsed.UnmatchedTokens is [var word, ..]
                ? $"belljar: {path} has no {(word.StartsWith('-') ? "option" : "command")} '{Terminal.Safe(word)}'{Nearest(word, command)}"
                : $"belljar: {path} needs a command: {string.Join(", ", Commands(command))}";
        }
        else
        {
            foreach (var error in parsed.Errors)
            {
                yield return $"belljar: {Terminal.Safe(error.Message)}{Nearest(error, parsed, command)}";
            }
        }

        yield return $"Try: {path} --help";
    }

    private static string Nearest(ParseError error, ParseResult parsed, Command command)
        => parsed.UnmatchedTokens.FirstOrDefault(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal)) is { } word && word.StartsWith('-')
            ? Suggestion(NearestName.Of(word, command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive))).Select(option => option.Name)))
            : "";

    private static string Nearest(string word, Command command)
        => Suggestion(NearestName.Of(word, word.StartsWith('-') ? command.Options.Select(option => option.Name) : Commands(command)));

    private static string Suggestion(string? nearest) => nearest is null ? "" : $" (did you mean '{nearest}'?)";

    private static IEnumerable<string> Commands(Command command) => command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);
}
