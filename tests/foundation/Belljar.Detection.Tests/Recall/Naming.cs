namespace Belljar.Detection.Tests.Recall;

/// <summary>One name in the spellings of the languages: <c>DD_API_KEY</c>, <c>ddApiKey</c>, <c>dd-api-key</c>.</summary>
internal static class Naming
{
    public static string UpperSnake(string name) => string.Join('_', Words(name)).ToUpperInvariant();

    public static string Snake(string name) => string.Join('_', Words(name));

    public static string Kebab(string name) => string.Join('-', Words(name));

    public static string Dotted(string name) => string.Join('.', Words(name));

    public static string Pascal(string name) => string.Concat(Words(name).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    public static string Camel(string name)
    {
        var pascal = Pascal(name);
        return char.ToLowerInvariant(pascal[0]) + pascal[1..];
    }

    private static IEnumerable<string> Words(string name)
    {
        var word = "";
        for (var i = 0; i < name.Length; i++)
        {
            var begins = char.IsUpper(name[i]) && i > 0 && char.IsLower(name[i - 1]);
            if ((begins || name[i] is '_' or '-') && word.Length > 0)
            {
                yield return word;
                word = "";
            }

            if (name[i] is not ('_' or '-'))
            {
                word += char.ToLowerInvariant(name[i]);
            }
        }

        yield return word;
    }
}
