using System.Globalization;
using System.Text.RegularExpressions;

namespace Belljar.Decoys.World;

/// <summary>
/// The questions about tables that a small world answers: <c>SELECT columns FROM table LIMIT n</c>. A WHERE is read over: whoever
/// looks for one row is shown several, which he may put down to a careless query.
/// </summary>
internal static partial class SqlQuestion
{
    /// <param name="sql">One statement.</param>
    /// <param name="find">A table by its name, as written without quotes; null when there is none.</param>
    public static SqlOutcome Answer(string sql, Func<string, DecoyTable?> find)
    {
        var match = Select().Match(sql);
        if (!match.Success)
        {
            return new SqlOutcome(null, null, null, null);
        }

        var name = Unquoted(match.Groups["table"].Value);
        if (find(name) is not { } table)
        {
            return new SqlOutcome(name, null, null, null);
        }

        var limit = match.Groups["limit"] is { Success: true } most && int.TryParse(most.Value, CultureInfo.InvariantCulture, out var rows) ? rows : int.MaxValue;
        var wanted = match.Groups["columns"].Value.Trim();
        if (Count().IsMatch(wanted))
        {
            return new SqlOutcome(name, null, ["count"], [[table.Rows.Count.ToString(CultureInfo.InvariantCulture)]]) { IsCount = true };
        }

        var columns = wanted == "*" ? table.Columns : [.. wanted.Split(',').Select(column => Unquoted(column.Trim()))];
        var places = columns.Select(column => table.Columns.ToList().FindIndex(known => known.Equals(column, StringComparison.OrdinalIgnoreCase))).ToList();
        var unknown = places.IndexOf(-1);
        return unknown >= 0
            ? new SqlOutcome(name, columns[unknown], null, null)
            : new SqlOutcome(name, null, columns, [.. table.Rows.Take(limit).Select(row => (IReadOnlyList<string>)[.. places.Select(place => row[place])])]);
    }

    private static string Unquoted(string name) => name.Replace("`", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal);

    [GeneratedRegex(
        @"^\s*select\s+(?<columns>.{1,400}?)\s+from\s+(?<table>[\w.`""-]{1,128})(?:\s+where\s.{0,1000}?)?(?:\s+order\s+by\s.{0,200}?)?(?:\s+limit\s+(?<limit>\d{1,9})(?:\s*,\s*\d{1,9})?(?:\s+offset\s+\d{1,9})?)?\s*;?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.Singleline, matchTimeoutMilliseconds: 500)]
    private static partial Regex Select();

    [GeneratedRegex(@"^count\s*\(\s*[\w*]{1,64}\s*\)$", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 500)]
    private static partial Regex Count();
}

/// <param name="Table">Null: it was no such question.</param>
/// <param name="UnknownColumn">There is no such column in the table.</param>
/// <param name="Columns">Null: there is no such table, or column.</param>
internal sealed record SqlOutcome(string? Table, string? UnknownColumn, IReadOnlyList<string>? Columns, IReadOnlyList<IReadOnlyList<string>>? Rows)
{
    public bool IsCount { get; init; }
}
