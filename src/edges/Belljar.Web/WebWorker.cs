using System.Net;
using System.Net.Sockets;
using Belljar.Hosting;
using Belljar.Hosting.Workers;
using Belljar.Web.Access;
using Belljar.Web.Live;
using Belljar.Web.Timeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Web;

/// <summary>The worker <c>web</c>: the console.</summary>
public static class WebWorker
{
    /// <summary>The listener's protocol in <c>status</c>.</summary>
    public const string Protocol = "console";

    public static readonly WorkerDefinition Definition = new(
        "web", "The console in the browser: one timeline of everything.", WorkerNeeds.None, context => BuildHost(context, new StoredEventReader(context.Paths.EventsDatabase)))
    {
        Sections = [WebSettings.Section.Name],
    };

    internal static IHost BuildHost(WorkerContext context, IEventReader reader)
    {
        var settings = context.Settings.Get(WebSettings.Section);
        var token = ConsoleToken.LoadOrCreate(context.Paths);
        var builder = WorkerHost.CreateWeb(context);
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, settings.Listen));
        builder.Services.Configure<SocketTransportOptions>(transport =>
            transport.CreateBoundListenSocket = endpoint => ListenAddress.Bind((IPEndPoint)endpoint));
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggers(context.Loggers));
        builder.Services.AddSingleton(token);
        builder.Services.AddSingleton<Gatekeeper>();
        builder.Services.AddSingleton(reader);
        builder.Services.AddSingleton<Doorbell>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Doorbell>());
        builder.Services.AddSingleton<EventStream>();
        builder.Services.AddSingleton<ConsoleApp>();
        builder.Services.AddHostedService<ListenerReport>();
        var app = builder.Build();
        context.Health.Count("streams_open", () => app.Services.GetRequiredService<EventStream>().Open);
        app.Run((RequestDelegate)app.Services.GetRequiredService<ConsoleApp>().HandleAsync);
        return app;
    }

    private static void Configure(KestrelServerOptions kestrel, IPEndPoint listen)
    {
        kestrel.Listen(listen, one => one.Protocols = HttpProtocols.Http1);
        kestrel.Limits.MaxConcurrentConnections = 256;
        kestrel.Limits.MaxRequestBodySize = 1024;
        kestrel.Limits.MaxRequestLineSize = 4096;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
    }
}
