using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Belljar.Contracts.Events;
using Belljar.Web.Describe;
using Belljar.Web.Html;

namespace Belljar.Web.Timeline;

/// <summary>One event as a row: a line to read, and behind it everything that was recorded.</summary>
internal static class EventRow
{
    private const int LongestData = 24 * 1024;

    // Letters of every script as they are; the page's own encoding comes after.
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="zone">The operator's zone; the page is for the machine that it is made on.</param>
    public static Markup Of(TimelineEntry entry, TimeZoneInfo zone)
    {
        var e = entry.Event;
        var area = EventAreas.Of(e.Kind);
        var severity = TimelineFilter.Word(e.Severity);
        var time = TimeZoneInfo.ConvertTime(e.Time, zone);
        return Markup.Of($"""
            <li class="event {area.Name} {severity}" data-seq="{entry.Seq}"><details><summary>
            <span class="mark" aria-hidden="true"></span>
            <time datetime="{Iso(e.Time)}"><span class="clock">{Text(time, "HH:mm:ss")}</span> <span class="day">{Text(time, "d MMM")}</span></time>
            <span class="area">{area.Word}</span>
            <span class="what">{EventDescribers.Sentence(e)}</span>
            {Badge(e.Severity)}
            </summary>
            <div class="more"><dl>
            {Fact("kind", e.Kind)}{Fact("time", Iso(e.Time))}{Fact("session", e.Session)}{Fact("decoy", e.Decoy)}{Fact("mailbox", e.Mailbox)}{Fact("attacker", e.Attacker)}{Fact("host", e.Host)}{Fact("id", e.Id.ToString())}{Fact("number", entry.Seq.ToString(CultureInfo.InvariantCulture))}
            </dl><pre>{Markup.Lines(Data(e.Data))}</pre></div></details></li>
            """);
    }

    private static Markup Badge(Severity severity) =>
        severity is Severity.Info ? Markup.Empty : Markup.Of($"<span class=\"severity\">{TimelineFilter.Word(severity)}</span>");

    private static Markup Fact(string name, string? value) => value is null ? Markup.Empty : Markup.Of($"<div><dt>{name}</dt><dd>{value}</dd></div>");

    private static string Data(JsonElement data)
    {
        var text = data.ValueKind is JsonValueKind.Undefined ? "" : JsonSerializer.Serialize(data, Readable);
        return text.Length <= LongestData ? text : $"{text[..LongestData]}\n… cut here; 'belljar events --json' shows all of it";
    }

    private static string Iso(DateTimeOffset time) => Text(time.ToUniversalTime(), "yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    private static string Text(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
