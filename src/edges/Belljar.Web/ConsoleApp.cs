using System.Globalization;
using System.Text;
using Belljar.Hosting;
using Belljar.Web.Access;
using Belljar.Web.Html;
using Belljar.Web.Live;
using Belljar.Web.Timeline;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Web;

/// <summary>Every request of the console: first who asks, then what.</summary>
internal sealed partial class ConsoleApp(
    Gatekeeper gatekeeper, IEventReader reader, EventStream stream, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<ConsoleApp> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        ResponseHeaders.Apply(context.Response.Headers);
        try
        {
            await AnswerAsync(context);
        }
        catch (OperationCanceledException)
        {
            // The browser left, or we are told to stop.
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            LogFault(fault, context.Request.Path);
            await PlainAsync(context, 500, "Something went wrong", Markup.Of($"<p>The log of Belljar says what.</p>"));
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (!Gatekeeper.IsOwnHost(context))
        {
            await PlainAsync(context, 421, "Wrong name", Markup.Of($"<p>This console answers only under the address that it listens on.</p>"));
        }
        else if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            await (Gatekeeper.IsOwnOrigin(context)
                ? PlainAsync(context, 405, "Not that way", Markup.Of($"<p>The console only shows; it changes nothing.</p>"))
                : PlainAsync(context, 403, "Not from there", Markup.Of($"<p>Another site's page sent this.</p>")));
        }
        else if (request.Path == "/" && gatekeeper.HasToken(context))
        {
            // The token leaves the address bar, and with it the history and what a copied address would give away.
            gatekeeper.GiveSession(context);
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = "/";
        }
        else if (!gatekeeper.HasSession(context))
        {
            await PlainAsync(context, 401, "The console is locked", Markup.Of(
                $"<p>Open it with the address that <code>belljar up</code> printed when it started; <code>belljar status</code> prints it again.</p>"));
        }
        else
        {
            await RouteAsync(context);
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        return path switch
        {
            "/" => TimelineAsync(context),
            "/events/stream" => StreamAsync(context),
            _ when Assets.TryGet(path, out var type, out var bytes) => WriteAsync(context, 200, type, bytes),
            _ => PlainAsync(context, 404, "Not here", Markup.Of($"<p>The console has one page: <a href=\"/\">now</a>.</p>")),
        };
    }

    private Task TimelineAsync(HttpContext context)
    {
        var filter = TimelineFilter.From(context.Request.Query);
        long? before = long.TryParse(context.Request.Query["before"], NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : null;
        try
        {
            // Read before the page is: an event in between is shown by both, and the script leaves the second out.
            var last = reader.LastSeq();
            var entries = reader.Newest(filter, before, TimelinePage.Rows, context.RequestAborted);
            return WriteAsync(context, 200, TimelinePage.Of(entries, filter, before is null, last, clock.LocalTimeZone));
        }
        catch (OperatorException absent)
        {
            return WriteAsync(context, 503, Page.Of("Not yet", Markup.Of($"<p class=\"nothing\">{absent.Message}</p>")));
        }
    }

    private async Task StreamAsync(HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        if (!await stream.TryServeAsync(context, TimelineFilter.From(context.Request.Query), either.Token))
        {
            context.Response.Headers.RetryAfter = "10";
            await PlainAsync(context, 503, "Too many streams", Markup.Of($"<p>Close a window of the console.</p>"));
        }
    }

    private static Task PlainAsync(HttpContext context, int status, string title, Markup text) => WriteAsync(context, status, Page.Plain(title, text));

    private static Task WriteAsync(HttpContext context, int status, Markup page) =>
        WriteAsync(context, status, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page.ToString()));

    private static async Task WriteAsync(HttpContext context, int status, string type, byte[] bytes)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "a request for {Path} threw")]
    private partial void LogFault(Exception fault, string path);
}
