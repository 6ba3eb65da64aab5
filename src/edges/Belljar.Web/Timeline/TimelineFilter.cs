using Belljar.Contracts.Events;
using Microsoft.AspNetCore.Http;

namespace Belljar.Web.Timeline;

/// <summary>Which events a page or a stream shows; what does not narrow is left out of its address.</summary>
internal sealed record TimelineFilter(EventArea? Area, Severity Minimum)
{
    public static readonly TimelineFilter Everything = new(null, Severity.Info);

    /// <summary>What cannot be understood does not narrow: an address is typed by hand.</summary>
    public static TimelineFilter From(IQueryCollection query) => new(
        query["area"] is [{ } area] ? EventAreas.All.Find(area) : null,
        query["severity"] is [{ } word] ? Severities.FirstOrDefault(severity => Word(severity) == word) : Severity.Info);

    public static IReadOnlyList<Severity> Severities { get; } = [Severity.Info, Severity.Notice, Severity.Warning, Severity.Alert];

    public static string Word(Severity severity) => severity.ToString().ToLowerInvariant();

    /// <summary>A query string, with its question mark; empty when nothing narrows.</summary>
    /// <param name="more">A further parameter, in the form <c>before=12</c>.</param>
    public string Query(string? more = null)
    {
        string?[] parts =
        [
            Area is null ? null : $"area={Area.Name}",
            Minimum is Severity.Info ? null : $"severity={Word(Minimum)}",
            more,
        ];
        var query = string.Join('&', parts.OfType<string>());
        return query.Length == 0 ? "" : $"?{query}";
    }
}
