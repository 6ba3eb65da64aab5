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
/// its route will replace it is in its place; anywhere else it rings.
/// </summary>
internal static class HeadScan
{
    public static List<PlacedFinding> Run(IContentScanner scanner, RequestHead head, RequestPath path, RoutePolicy policy)
    {
        var all = new List<PlacedFinding>();
        var found = new List<ContentFinding>();
        Text(path.Canonical, "path");
        if (path.DecodedReadings is { Count: > 0 } readings)
        {
            Text(readings[^1], "path");
        }

        if (path.Query.Length > 0)
        {
            var query = policy.Auth?.Param is { } own ? QueryParameter.Without(path.Query, own) : path.Query;
            Text(query, "query");
            Text(Uri.UnescapeDataString(query), "query");
        }

        Bytes(Encoding.ASCII.GetBytes(head.Method), "method");
        foreach (var field in head.Fields)
        {
            Bytes(field.Name, "header");
            Bytes(field.Value, "header", policy.Strips(field.Name) ? policy.Credential?.Reference : null);
        }

        return all;

        void Text(string text, string place) => Bytes(Encoding.UTF8.GetBytes(text), place);

        void Bytes(ReadOnlySpan<byte> bytes, string place, string? own = null)
        {
            var scan = scanner.Begin();
            scan.Append(bytes, found);
            scan.End(found);
            foreach (var finding in found)
            {
                if (finding.Kind is not FindingKind.Planted || finding.Name != own)
                {
                    all.Add(new PlacedFinding(place, finding));
                }
            }

            found.Clear();
        }
    }
}
