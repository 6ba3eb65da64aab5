using System.Globalization;

namespace Belljar.Decoys.Redis;

/// <summary>Answers as they are written (RESP2).</summary>
internal static class RespText
{
    public const string Ok = "+OK\r\n";
    public const string Null = "$-1\r\n";
    public const string NullArray = "*-1\r\n";
    public const string EmptyArray = "*0\r\n";
    public const string WrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
    public const string NotInteger = "-ERR value is not an integer or out of range\r\n";
    public const string SyntaxError = "-ERR syntax error\r\n";
    public const string OutOfMemory = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

    public static string Error(string text) => $"-ERR {text}\r\n";

    public static string Simple(string text) => $"+{text}\r\n";

    public static string Number(long value) => string.Create(CultureInfo.InvariantCulture, $":{value}\r\n");

    public static string Bulk(string? text) => text is null ? Null : string.Create(CultureInfo.InvariantCulture, $"${text.Length}\r\n{text}\r\n");

    public static string Array(IReadOnlyCollection<string> answers) => string.Create(CultureInfo.InvariantCulture, $"*{answers.Count}\r\n{string.Concat(answers)}");

    public static string Bulks(IEnumerable<string> texts) => Array([.. texts.Select(Bulk)]);

    public static string Arity(string command) => Error($"wrong number of arguments for '{command}' command");

    /// <summary>Digits as Redis reads them: no plus, no leading zero, no space.</summary>
    public static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && number.ToString(CultureInfo.InvariantCulture) == text;
}
