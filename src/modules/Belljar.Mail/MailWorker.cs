using System.Net;
using Belljar.Hosting;
using Belljar.Hosting.Workers;
using Belljar.Mail.Smtp;
using Belljar.Mail.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail;

/// <summary>The worker <c>mail</c>: SMTP in, Markdown out.</summary>
public static class MailWorker
{
    private const int MostBuffered = 128 * 1024;

    public static readonly WorkerDefinition Definition = new(
        "mail", "receives mail for the mailboxes and stores it as Markdown", WorkerNeeds.BindService, BuildHost)
    {
        Sections = [MailSettings.Section.Name],
    };

    private static WebApplication BuildHost(WorkerContext context)
    {
        var options = context.Settings.Get(MailSettings.Section);
        var builder = WorkerHost.CreateWeb(context);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(services => MailStore.Open(
            context.Paths.MailData, options, context.Clock, services.GetRequiredService<ILogger<MailStore>>()));
        builder.Services.AddSingleton<MailEvents>();
        builder.Services.AddSingleton<SmtpListener>();
        builder.Services.Configure<SocketTransportOptions>(sockets => Configure(sockets, context));
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options.Smtp.Listen));

        var host = builder.Build();
        Count(context.Health, host.Services.GetRequiredService<SmtpListener>());
        return host;
    }

    private static void Configure(SocketTransportOptions sockets, WorkerContext context)
    {
        sockets.MaxReadBufferSize = MostBuffered;
        sockets.CreateBoundListenSocket = wanted =>
        {
            var socket = ListenAddress.Bind((IPEndPoint)wanted);
            context.Health.Listening("smtp", socket.LocalEndPoint!);
            return socket;
        };
    }

    private static void Listen(KestrelServerOptions kestrel, IReadOnlyList<IPEndPoint> addresses)
    {
        foreach (var address in addresses)
        {
            kestrel.Listen(address, listen =>
            {
                var listener = listen.ApplicationServices.GetRequiredService<SmtpListener>();
                listen.Run(listener.OnConnectedAsync);
            });
        }
    }

    private static void Count(WorkerHealthReporter health, SmtpListener listener)
    {
        health.Count("connections", () => listener.Connections);
        health.Count("received", () => listener.Events.Received);
        health.Count("refused", () => listener.Events.Refused);
    }
}
