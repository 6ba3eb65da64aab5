using System.Globalization;
using Belljar.Contracts.Events;
using Belljar.Web.Html;

namespace Belljar.Web.Timeline;

/// <summary>The console's page: the newest events, with links that narrow them, live from there on.</summary>
internal static class TimelinePage
{
    public const int Rows = 200;

    /// <param name="entries">Newest first.</param>
    /// <param name="isNewest">It begins with the newest event, so that it can go on live.</param>
    /// <param name="after">The number from which the stream goes on.</param>
    public static Markup Of(IReadOnlyList<TimelineEntry> entries, TimelineFilter filter, bool isNewest, long after, TimeZoneInfo zone)
    {
        var stream = isNewest ? Markup.Of($" data-stream=\"/events/stream{filter.Query(Parameter("after", after))}\"") : Markup.Empty;
        var rows = Markup.Join(entries.Select(entry => EventRow.Of(entry, zone)));
        return Page.Of("Now", Markup.Of($"""
            <div class="bar">
            <nav aria-label="Part of the product"><ul class="chips">{Areas(filter)}</ul></nav>
            <nav aria-label="Severity"><ul class="chips small">{Severities(filter)}</ul></nav>
            </div>
            <p id="live" class="live" role="status" aria-live="polite">{(isNewest ? "Not live: this page shows what was recorded when it was loaded." : "Older events; this page does not change.")}</p>
            <ol id="events" class="events"{stream}>
            {rows}
            </ol>
            {Nothing(entries)}
            <p class="turn">{Newer(filter, isNewest)}{Older(entries, filter)}</p>
            """));
    }

    private static Markup Areas(TimelineFilter filter)
    {
        var all = Chip("Everything", "all", filter with { Area = null }, filter.Area is null);
        return Markup.Join(EventAreas.All
            .Select(area => Chip(area.Title, area.Name, filter with { Area = area }, filter.Area == area))
            .Prepend(all));
    }

    private static Markup Severities(TimelineFilter filter) => Markup.Join(TimelineFilter.Severities.Select(severity => Chip(
        severity is Severity.Info ? "any severity" : severity is Severity.Alert ? "alerts only" : $"{TimelineFilter.Word(severity)} and above",
        TimelineFilter.Word(severity),
        filter with { Minimum = severity },
        filter.Minimum == severity)));

    private static Markup Chip(string title, string name, TimelineFilter target, bool isCurrent)
    {
        var current = isCurrent ? Markup.Of($" aria-current=\"true\"") : Markup.Empty;
        return Markup.Of($"<li><a class=\"{name}\" href=\"/{target.Query()}\"{current}>{title}</a></li>");
    }

    private static Markup Nothing(IReadOnlyList<TimelineEntry> entries) => entries.Count > 0
        ? Markup.Empty
        : Markup.Of($"<p class=\"nothing\" id=\"nothing\">Nothing yet. Whatever a bottle, a mail or a visitor of a decoy does appears here.</p>");

    private static Markup Newer(TimelineFilter filter, bool isNewest) =>
        isNewest ? Markup.Empty : Markup.Of($"<a href=\"/{filter.Query()}\">Newest</a> ");

    private static Markup Older(IReadOnlyList<TimelineEntry> entries, TimelineFilter filter) => entries.Count < Rows
        ? Markup.Empty
        : Markup.Of($"<a href=\"/{filter.Query(Parameter("before", entries[^1].Seq))}\">Older</a>");

    private static string Parameter(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value}");
}
