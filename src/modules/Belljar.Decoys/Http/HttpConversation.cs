using System.Net.Sockets;
using System.Text;
using Belljar.Contracts.Events;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Http;

/// <summary>
/// One visitor's connection: read a head, read its body, record, answer, again. The thin loop around the pure parts;
/// whatever the network throws goes to the caller.
/// </summary>
internal sealed class HttpConversation(Stream stream, IHttpDialect dialect, Visit visit, TimeProvider clock)
{
    // Longer than any network between us and a visitor that sends head and body together, shorter than he would notice.
    private static readonly TimeSpan PatienceForEarlyAnswer = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);
    private const int MostHeaders = 64;
    private const int LongestTarget = 2048;
    private const int LongestMethod = 256;

    private readonly InputBuffer _input = new(stream);

    private enum Wait
    {
        Arrived,
        Ended,
        TimedOut,
    }

    public async Task RunAsync(CancellationToken ct)
    {
        var request = 0;
        while (await ExchangeAsync(request, ct))
        {
            request++;
        }

        await LingerAsync(ct);
    }

    /// <returns>Whether the connection stays.</returns>
    private async Task<bool> ExchangeAsync(int request, CancellationToken ct)
    {
        var head = new HeadScanner(dialect);
        var wait = await ReadHeadAsync(head, request, ct);
        var place = new HttpPlace(clock.GetUtcNow(), visit.Local.Port, request);
        if (!head.IsComplete)
        {
            if (wait is not Wait.Arrived && _input.IsEmpty)
            {
                return false;
            }

            var fault = wait is Wait.TimedOut ? HttpFault.Timeout : head.Fault;
            await RefuseAsync(head, fault is HttpFault.None ? null : dialect.Refuse(fault, head.Line, place), ct);
            return false;
        }

        _input.Consume(head.Consumed);
        return await AnswerAsync(new RequestHead(head.Line!, head.Fields), place, ct);
    }

    private async Task<Wait> ReadHeadAsync(HeadScanner head, int request, CancellationToken ct)
    {
        if (_input.IsEmpty)
        {
            using var idle = In(request == 0 ? dialect.Limits.HeadTime : dialect.Limits.IdleTime, ct);
            var first = await FillAsync(idle, ct);
            if (first is not Wait.Arrived)
            {
                return first;
            }
        }

        using var deadline = In(dialect.Limits.HeadTime, ct);
        head.Scan(_input.Unread);
        while (!head.IsOver)
        {
            var more = await FillAsync(deadline, ct);
            if (more is not Wait.Arrived)
            {
                return more;
            }

            head.Scan(_input.Unread);
        }

        return Wait.Arrived;
    }

    /// <summary>A head that is no request is recorded as it came; the answer is null when he left or the product says nothing.</summary>
    private async Task RefuseAsync(HeadScanner head, HttpReply? reply, CancellationToken ct)
    {
        var line = head.Line ?? RequestLine.Broken(Encoding.Latin1.GetString(_input.Unread[..Math.Min(_input.Unread.Length, LongestTarget)]));
        var rest = head.Consumed == 0 ? Leftovers.None : Leftovers.Of(_input.Unread[head.Consumed..]);
        await RecordAsync(new RequestHead(line, [.. head.Fields, .. rest.Fields]), rest.Body, reply?.Status ?? 0);
        if (reply is not null)
        {
            await stream.WriteAsync(reply.Bytes, ct);
        }
    }

    private async Task<bool> AnswerAsync(RequestHead head, HttpPlace place, CancellationToken ct)
    {
        var plan = dialect.Plan(head, place);
        var body = new BodyReader(plan.Body);
        if (plan.SaysContinue)
        {
            await visit.ConnectionRecorded;
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), ct);
        }

        var early = dialect.AnswersBeforeBody;
        var wait = await ReadBodyAsync(body, early ? PatienceForEarlyAnswer : HttpLimits.BodyTime, ct);
        var reply = ReplyTo(plan, body, early ? Wait.Arrived : wait, head, place);
        await RecordAsync(head, body.Kept, reply.Status);
        await stream.WriteAsync(reply.Bytes, ct);
        if (!body.IsOver && early && wait is not Wait.Ended)
        {
            // Answered already: what is left of the body is read away, so that the next request begins behind it.
            await ReadBodyAsync(body, reply.Closes ? LingerTime : HttpLimits.BodyTime, ct);
        }

        return !reply.Closes && body.IsComplete;
    }

    private HttpReply ReplyTo(HttpPlan plan, BodyReader body, Wait wait, RequestHead head, HttpPlace place) => wait switch
    {
        Wait.TimedOut => dialect.Refuse(HttpFault.Timeout, head.Line, place) ?? plan.Reply with { Closes = true },
        Wait.Ended => plan.BrokenBody ?? plan.Reply with { Closes = true },
        _ when body.IsBroken => plan.BrokenBody ?? plan.Reply with { Closes = true },
        _ => plan.Reply,
    };

    private async Task<Wait> ReadBodyAsync(BodyReader body, TimeSpan patience, CancellationToken ct)
    {
        using var deadline = In(patience, ct);
        while (true)
        {
            _input.Consume(body.Take(_input.Unread));
            if (body.IsOver)
            {
                return Wait.Arrived;
            }

            var more = await FillAsync(deadline, ct);
            if (more is not Wait.Arrived)
            {
                return more;
            }
        }
    }

    private Task RecordAsync(RequestHead head, string? body, int status) => visit.RecordRequestAsync(
        Cut(head.Line.Method, LongestMethod),
        Cut(head.Line.Target, LongestTarget),
        [.. head.Fields.Take(MostHeaders).Select(field => field.ToField())],
        body,
        status);

    /// <summary>
    /// Closing with bytes unread would reset the connection, and the visitor might lose the answer: our side ends first,
    /// and his is read to its end for a while.
    /// </summary>
    private async Task LingerAsync(CancellationToken ct)
    {
        if (stream is not NetworkStream network)
        {
            return;
        }

        network.Socket.Shutdown(SocketShutdown.Send);
        using var deadline = In(LingerTime, ct);
        for (var left = HttpLimits.LongestBody; left > 0;)
        {
            _input.Consume(_input.Unread.Length);
            if (await FillAsync(deadline, ct) is not Wait.Arrived)
            {
                return;
            }

            left -= _input.Unread.Length;
        }
    }

    private Deadline In(TimeSpan time, CancellationToken ct) => new(time, clock, ct);

    private async ValueTask<Wait> FillAsync(Deadline deadline, CancellationToken ct)
    {
        try
        {
            return await _input.FillAsync(deadline.Token) ? Wait.Arrived : Wait.Ended;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Wait.TimedOut;
        }
    }

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..longest];
}
