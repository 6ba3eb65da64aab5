using System.Diagnostics.CodeAnalysis;
using System.Text;
using Belljar.Hosting;

namespace Belljar.Terminals;

/// <summary>What a command may say, and whether somebody at a terminal reads it.</summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "The command line is what may talk to a terminal, and this is where it does.")]
internal static class Terminal
{
    public static TextWriter Out { get; } = Writer(Console.OpenStandardOutput());

    public static TextWriter Error { get; } = Writer(Console.OpenStandardError());

    /// <summary>Colour and progress go to people only, and not to those who said NO_COLOR.</summary>
    public static bool HasColour { get; } =
        !Console.IsOutputRedirected && ProcessEnvironment.Get("NO_COLOR") is null && ProcessEnvironment.Get("TERM") is not (null or "dumb");

    public static bool IsInteractive { get; } = !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>Asks on a terminal; without one the answer is no.</summary>
    public static bool Confirm(string question)
    {
        if (!IsInteractive)
        {
            return false;
        }

        Error.Write($"{question} [y/N] ");
        return Console.ReadLine() is "y" or "Y" or "yes";
    }

    /// <summary>A line that is not shown while it is typed; from a pipe, its first line.</summary>
    /// <returns>Null at the end of the input.</returns>
    public static string? ReadSecret(string question)
    {
        if (Console.IsInputRedirected)
        {
            using var input = new StreamReader(OpenInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            return input.ReadLine();
        }

        Error.Write($"{question}: ");
        var typed = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }

        Error.WriteLine();
        return typed.ToString();
    }

    /// <summary>Somebody types: what he cannot see he is asked for twice.</summary>
    public static bool IsTyped => !Console.IsInputRedirected;

    public static Stream OpenInput() => Console.OpenStandardInput();

    public static Stream OpenOutput() => Console.OpenStandardOutput();

    public static string Dim(string text) => Coloured("2", text);

    public static string Bold(string text) => Coloured("1", text);

    public static string Green(string text) => Coloured("32", text);

    public static string Red(string text) => Coloured("31", text);

    public static string Yellow(string text) => Coloured("33", text);

    /// <summary>Control characters of others made visible: output must not reprogram the operator's terminal.</summary>
    public static string Safe(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && !text.AsSpan().ContainsAnyInRange('\u007f', '\u009f'))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            safe.Append(char.IsControl(c) ? '\u00b7' : c);
        }

        return safe.ToString();
    }

    private static string Coloured(string code, string text) => HasColour ? $"\u001b[{code}m{text}\u001b[0m" : text;

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
}
