using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Scanning;

/// <summary>A finding in a request's head or body, with its place.</summary>
/// <param name="Place"><c>path</c>, <c>query</c>, <c>header</c>, <c>body</c>, <c>trailer</c> or <c>message</c>.</param>
internal readonly record struct PlacedFinding(string Place, ContentFinding Finding);

/// <summary>
/// Scans the line and the fields of a request as the agent sent them, before anything is taken out. A placeholder where
/// its route will replace it is in its place; anywhere else it rings. In a field that carries a credential by its nature
/// only values that are known count: that something there looks like a secret is no news.
/// </summary>
internal sealed class HeadScan
{
    private readonly ArrayBufferWriter<byte> _text = new(1024);
    private readonly List<Piece> _pieces = [];
    private readonly List<ContentFinding> _found = [];

    public List<PlacedFinding> Run(IContentScanner scanner, RequestHead head, RequestPath path, RoutePolicy policy)
    {
        _text.ResetWrittenCount();
        _pieces.Clear();
        _found.Clear();
        Add(path.Canonical, "path");
        if (path.DecodedReadings is { Count: > 0 } readings && readings[^1] != path.Canonical)
        {
            Add(readings[^1], "path");
        }

        if (path.Query.Length > 0)
        {
            var query = policy.Auth?.Param is { } own ? QueryParameter.Without(path.Query, own) : path.Query;
            Add(query, "query");
            if (query.Contains('%'))
            {
                Add(Uri.UnescapeDataString(query), "query");
            }
        }

        foreach (var field in head.Fields)
        {
            var isCredential = policy.Strips(field.Name) || CredentialFields.Contain(field.Name);
            Add(field.Name, ": "u8, field.Value, new Piece("header", 0, policy.Strips(field.Name) ? policy.Credential?.Reference : null, isCredential));
        }

        Add(Encoding.ASCII.GetBytes(head.Method), [], [], new Piece("method", 0, null, false));
        using var scan = scanner.Begin();
        scan.Append(_text.WrittenSpan, _found);
        scan.End(_found);
        return Placed();
    }

    private List<PlacedFinding> Placed()
    {
        var placed = new List<PlacedFinding>();
        foreach (var finding in _found)
        {
            var piece = _pieces.FindLast(piece => piece.Start <= finding.Start);
            if ((finding.Kind is FindingKind.Planted && finding.Name == piece.Own) || (finding.Kind is FindingKind.Rule && piece.IsCredential))
            {
                continue;
            }

            placed.Add(new PlacedFinding(piece.Place, finding));
        }

        return placed;
    }

    private void Add(string text, string place) => Add(Encoding.UTF8.GetBytes(text), [], [], new Piece(place, 0, null, false));

    private void Add(ReadOnlySpan<byte> first, ReadOnlySpan<byte> between, ReadOnlySpan<byte> second, Piece piece)
    {
        _pieces.Add(piece with { Start = _text.WrittenCount });
        _text.Write(first);
        _text.Write(between);
        _text.Write(second);
        _text.Write("\n"u8);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Piece(string Place, long Start, string? Own, bool IsCredential);
}
