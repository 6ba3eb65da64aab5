namespace Belljar.Terminals;

/// <summary>Columns for people: as wide as their widest cell, two spaces apart.</summary>
internal sealed class Table(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Terminal.Safe)]);

    public void Write(TextWriter output)
    {
        var widths = headings.Select((heading, i) => Math.Max(heading.Length, _rows.Select(row => row[i].Length).DefaultIfEmpty().Max())).ToArray();
        output.WriteLine(Terminal.Dim(Line(headings, widths)));
        foreach (var row in _rows)
        {
            output.WriteLine(Line(row, widths));
        }
    }

    private static string Line(string[] cells, int[] widths) =>
        string.Concat(cells.Select((cell, i) => i == cells.Length - 1 ? cell : cell.PadRight(widths[i] + 2))).TrimEnd();
}
