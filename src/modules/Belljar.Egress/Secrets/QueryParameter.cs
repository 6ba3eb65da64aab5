namespace Belljar.Egress.Secrets;

/// <summary>Changes one parameter of a query as it stands, without touching the others.</summary>
internal static class QueryParameter
{
    /// <param name="query">With its question mark, or empty.</param>
    /// <param name="name">Compared with the name decoded, as the host will do.</param>
    public static string Without(string query, string name)
    {
        if (query.Length == 0)
        {
            return query;
        }

        var kept = query[1..].Split('&').Where(pair => !Names(pair, name)).ToList();
        return kept.Count == 0 ? "" : "?" + string.Join('&', kept);
    }

    public static string With(string query, string name, string value)
    {
        var others = Without(query, name);
        return $"{(others.Length > 0 ? others + "&" : "?")}{name}={Uri.EscapeDataString(value)}";
    }

    private static bool Names(string pair, string name)
    {
        var end = pair.IndexOf('=');
        var given = Uri.UnescapeDataString((end < 0 ? pair : pair[..end]).Replace('+', ' ')).Trim();
        return string.Equals(given, name, StringComparison.OrdinalIgnoreCase);
    }
}
