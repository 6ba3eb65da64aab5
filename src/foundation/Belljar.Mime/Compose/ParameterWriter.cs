using System.Text;
using Belljar.Mime.Headers;

namespace Belljar.Mime.Compose;

/// <summary>Writes parameters of a field: as a token, a quoted string, or after RFC 2231, in pieces where they are long.</summary>
internal static class ParameterWriter
{
    private const int LongestValue = 60;

    /// <summary>The words to stand behind the field's value, each but the last with its semicolon.</summary>
    public static IEnumerable<string> Words(string value, params IEnumerable<KeyValuePair<string, string>> parameters)
    {
        string[] all = [value, .. parameters.SelectMany(parameter => One(parameter.Key, FieldWriter.WithoutControls(parameter.Value)))];
        return all.Select((word, index) => index < all.Length - 1 ? word + ";" : word);
    }

    private static IEnumerable<string> One(string name, string value)
    {
        var isPlain = Ascii.IsValid(value) && !value.Contains("=?", StringComparison.Ordinal);
        if (isPlain && value.Length <= LongestValue)
        {
            return [$"{name}={(ContentType.IsToken(value) ? value : FieldWriter.Quoted(value))}"];
        }

        var pieces = Pieces(value).ToList();
        return pieces.Count == 1
            ? [$"{name}*=utf-8''{pieces[0]}"]
            : pieces.Select((piece, index) => $"{name}*{index}*={(index == 0 ? "utf-8''" : "")}{piece}");
    }

    private static IEnumerable<string> Pieces(string value)
    {
        var piece = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (piece.Length + 3 > LongestValue)
            {
                yield return piece.ToString();
                piece.Clear();
            }

            // RFC 2231, 7: attribute-char.
            _ = char.IsAsciiLetterOrDigit((char)octet) || "!#$&+-.^_`{|}~".Contains((char)octet)
                ? piece.Append((char)octet)
                : piece.Append('%').Append(octet.ToString("X2"));
        }

        yield return piece.ToString();
    }
}
