using System.Globalization;
using System.Text;
using Belljar.Hosting;
using Belljar.Web.Timeline;
using Microsoft.AspNetCore.Http;

namespace Belljar.Web.Live;

/// <summary>
/// Server-sent events (WHATWG HTML §9.2): each is a row, its id is the event's number, so that a browser that lost the
/// connection goes on where it was.
/// </summary>
internal sealed class EventStream(IEventReader reader, Doorbell bell, TimeProvider clock)
{
    public const int MostStreams = 32;
    private const int PageSize = 100;

    private static readonly TimeSpan SlowPoll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HeartbeatAfter = TimeSpan.FromSeconds(15);

    // A busy hour rings a thousand times a second: looking ten times a second is live enough.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    private int _open;

    public int Open => Volatile.Read(ref _open);

    /// <returns>False when there are too many already; nothing was written then.</returns>
    public async Task<bool> TryServeAsync(HttpContext context, TimelineFilter filter, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _open) > MostStreams)
        {
            Interlocked.Decrement(ref _open);
            return false;
        }

        try
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            await WriteAsync(context, "retry: 2000\n\n", ct);
            await FollowAsync(context, filter, ct);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task FollowAsync(HttpContext context, TimelineFilter filter, CancellationToken ct)
    {
        var cursor = Cursor(context.Request);
        var lastWrite = clock.GetTimestamp();
        while (!ct.IsCancellationRequested)
        {
            var ring = bell.Next;
            var (text, next, isMore) = Look(filter, cursor, ct);
            cursor = next;
            if (text.Length == 0 && clock.GetElapsedTime(lastWrite) >= HeartbeatAfter)
            {
                // Finds out that the other side is gone, and keeps what stands between from thinking so.
                text = ": still here\n\n";
            }

            if (text.Length > 0)
            {
                await WriteAsync(context, text, ct);
                lastWrite = clock.GetTimestamp();
            }

            if (!isMore)
            {
                await Task.Delay(Rest, clock, ct);
                await Task.WhenAny(ring, Task.Delay(SlowPoll, clock, ct));
            }
        }
    }

    /// <summary>One look at the record.</summary>
    private (string Text, long? Cursor, bool IsMore) Look(TimelineFilter filter, long? cursor, CancellationToken ct)
    {
        try
        {
            // Read first: whatever arrived up to here and passes the filter is in the page below, unless that is full.
            var last = reader.LastSeq();
            if (cursor is not { } seq)
            {
                return ("", last, false);
            }

            var page = reader.After(filter, seq, PageSize, ct);
            var isFull = page.Count == PageSize;
            var next = page.Count > 0 ? page[^1].Seq : seq;
            return (Rows(page), isFull ? next : Math.Max(next, last), isFull);
        }
        catch (OperatorException)
        {
            // The record is not there yet, or is being moved: the next look may find it.
            return ("", cursor, false);
        }
    }

    private string Rows(IReadOnlyList<TimelineEntry> entries)
    {
        var text = new StringBuilder();
        foreach (var entry in entries)
        {
            text.Append(CultureInfo.InvariantCulture, $"id: {entry.Seq}\nevent: row\n");
            foreach (var line in EventRow.Of(entry, clock.LocalTimeZone).ToString().Split('\n'))
            {
                text.Append("data: ").Append(line).Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Where to go on: what the browser saw last, else where its page ended, else now.</summary>
    private static long? Cursor(HttpRequest request)
    {
        string? asked = request.Headers["Last-Event-ID"] is [{ } seen] ? seen : request.Query["after"];
        return long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : null;
    }

    private static async Task WriteAsync(HttpContext context, string text, CancellationToken ct)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), ct);
        await context.Response.Body.FlushAsync(ct);
    }
}
