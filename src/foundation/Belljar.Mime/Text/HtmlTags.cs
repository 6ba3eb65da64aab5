using System.Collections.Frozen;

namespace Belljar.Mime.Text;

/// <summary>What the names of elements mean for text.</summary>
internal static class HtmlTags
{
    public static readonly FrozenSet<string> Void = Set("area base br col embed hr img input link meta param source track wbr");

    /// <summary>Their content is never shown.</summary>
    public static readonly FrozenSet<string> Unshown = Set("head template datalist select object audio video canvas map");

    /// <summary>Begin and end a line.</summary>
    public static readonly FrozenSet<string> Block =
        Set("address article aside center dd details dialog div dt fieldset figcaption figure footer form header li main nav section summary tr tbody thead tfoot caption body html legend");

    /// <summary>Begin and end a line, with an empty line around them.</summary>
    public static readonly FrozenSet<string> Paragraph = Set("p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote pre");

    /// <summary>Which open elements a start tag closes first, and at which element it stops looking (HTML, 13.2.6).</summary>
    public static (FrozenSet<string> Closes, FrozenSet<string> Within) Implied(string name) => name switch
    {
        "li" => (Items, Lists),
        "td" or "th" => (Cells, Rows),
        "tr" => (CellsAndRows, Tables),
        "tbody" or "thead" or "tfoot" => (TableParts, Tables),
        "dt" or "dd" => (Terms, Lists),
        _ when Block.Contains(name) || Paragraph.Contains(name) => (Paragraphs, Blocks),
        _ => (None, None),
    };

    private static readonly FrozenSet<string> None = Set("");
    private static readonly FrozenSet<string> Items = Set("li p");
    private static readonly FrozenSet<string> Lists = Set("ul ol dl td th table");
    private static readonly FrozenSet<string> Cells = Set("td th");
    private static readonly FrozenSet<string> Rows = Set("tr table");
    private static readonly FrozenSet<string> CellsAndRows = Set("td th tr");
    private static readonly FrozenSet<string> TableParts = Set("td th tr tbody thead tfoot");
    private static readonly FrozenSet<string> Tables = Set("table");
    private static readonly FrozenSet<string> Terms = Set("dt dd p");
    private static readonly FrozenSet<string> Paragraphs = Set("p");
    private static readonly FrozenSet<string> Blocks = Set("div td th li blockquote table body html section article center form");

    private static FrozenSet<string> Set(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();
}
