using System.CommandLine;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>Scripts that make shells complete our words; each asks the program itself, so they never fall behind.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # eval "$(belljar completion bash)"
        _belljar() {
            local IFS=$'\n'
            COMPREPLY=($(belljar "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null | grep -- "^${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _belljar belljar
        """;

    private const string Zsh = """
        # eval "$(belljar completion zsh)"
        _belljar() {
            local -a words_known
            words_known=("${(@f)$(belljar "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a words_known
        }
        compdef _belljar belljar
        """;

    private const string Fish = """
        # belljar completion fish | source
        complete -c belljar -f -a '(belljar "[suggest:"(commandline -C)"]" (commandline -p) 2>/dev/null)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = CommandTree.Create("completion", "Print a script that makes a shell complete belljar's words.", "eval \"$(belljar completion bash)\"", shell);
        command.SetAction(parsed => Terminal.Out.WriteLine(parsed.GetRequiredValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        }));
        return command;
    }
}
