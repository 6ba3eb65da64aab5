using System.Net;
using Belljar.Hosting;
using Belljar.Hosting.Workers;
using Belljar.Mail.Authentication;
using Belljar.Mail.Hooks;
using Belljar.Mail.Indexing;
using Belljar.Mail.LocalSocket;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Marking;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Reading;
using Belljar.Mail.Smtp;
using Belljar.Mail.Storage;
using Belljar.Mail.Submission;
using Belljar.Mail.Tls;
using Belljar.Net.Dns;
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
        var mailboxes = MailboxRegistry.Open(context.Paths.MailData, options);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(mailboxes);
        builder.Services.AddSingleton(services => MailStore.Open(
            context.Paths.MailData, mailboxes.Options, context.Clock, services.GetRequiredService<ILogger<MailStore>>()));
        builder.Services.AddSingleton<MailEvents>();
        builder.Services.AddSingleton(services => new IndexKeeper(
            () => MailIndex.Open(context.Paths.MailData, context.Clock), context.Clock, services.GetRequiredService<ILogger<IndexKeeper>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<IndexKeeper>());
        builder.Services.AddSingleton(services => new HookWorker(
            mailboxes, services.GetRequiredService<MailStore>().Layout, context.Events, context.Clock, services.GetRequiredService<ILogger<HookWorker>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<HookWorker>());
        builder.Services.AddSingleton(services => TlsIdentity.Open(
            options.Smtp.Tls, services.GetRequiredService<MailStore>().Layout.Tls, options.HostName, context.Clock, services.GetRequiredService<ILogger<TlsIdentity>>()));
        builder.Services.AddSingleton(SenderChecks.Resolver(options.SenderChecks, context.Clock));
        builder.Services.AddSingleton(services => SenderChecks.Create(
            options, services.GetRequiredService<IDnsResolver>(), context.Clock, services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(SenderChecks).FullName!)));
        builder.Services.AddSingleton<MailboxLocks>();
        builder.Services.AddSingleton(services => OutgoingMail.Create(
            mailboxes,
            options.Outgoing,
            services.GetRequiredService<MailStore>(),
            services.GetRequiredService<MailboxLocks>(),
            new DetectingMailGate(),
            context.Clock,
            Afterwards(services),
            services.GetRequiredService<ILogger<OutgoingMail>>(),
            Ended(services)));
        builder.Services.AddHostedService(services => services.GetRequiredService<OutgoingMail>());
        builder.Services.AddSingleton(CreateListener);
        builder.Services.AddSingleton(new MailboxAccess(MailboxAccess.OwnerOf));
        builder.Services.AddSingleton(services => new MailboxVerbs(
            mailboxes,
            services.GetRequiredService<MailStore>(),
            services.GetRequiredService<OutgoingMail>().Queue,
            services.GetRequiredService<MailboxLocks>(),
            services.GetRequiredService<MailboxAccess>()));
        builder.Services.AddHostedService(services => CreateLocalSocket(services, context));
        builder.Services.Configure<SocketTransportOptions>(sockets => Configure(sockets, context));
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));

        var host = builder.Build();
        Count(context.Health, host.Services.GetRequiredService<SmtpListener>());
        return host;
    }

    private static SmtpListener CreateListener(IServiceProvider services)
    {
        return new SmtpListener(
            services.GetRequiredService<MailboxRegistry>(),
            services.GetRequiredService<MailStore>(),
            services.GetRequiredService<MailEvents>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<SmtpListener>>())
        {
            Tls = services.GetRequiredService<TlsIdentity>(),
            BlockLists = new BlockLists(services.GetRequiredService<MailOptions>().Smtp.BlockLists, services.GetRequiredService<IDnsResolver>(), services.GetRequiredService<TimeProvider>()),
            Authenticator = services.GetRequiredService<MailAuthenticator>(),
            Afterwards = Afterwards(services),
            Outgoing = new SubmittedMail(services.GetRequiredService<OutgoingMail>()),
        };
    }

    /// <summary>What a stored message sets off, wherever it came from.</summary>
    private static Action<StoredDelivery> Afterwards(IServiceProvider services)
    {
        var index = services.GetRequiredService<IndexKeeper>();
        var hooks = services.GetRequiredService<HookWorker>();
        return stored =>
        {
            index.Ring();
            hooks.Stored(stored);
        };
    }

    /// <summary>What follows when a message's sending is over.</summary>
    private static Action<SentMessage> Ended(IServiceProvider services)
    {
        var events = services.GetRequiredService<MailEvents>();
        var hooks = services.GetRequiredService<HookWorker>();
        return sent =>
        {
            events.Sent(sent);
            hooks.Sent(sent);
        };
    }

    private static MailSocketServer CreateLocalSocket(IServiceProvider services, WorkerContext context)
    {
        var mailboxes = services.GetRequiredService<MailboxRegistry>();
        var access = services.GetRequiredService<MailboxAccess>();
        var verbs = new MailVerbs(
            mailboxes,
            new MailReader(context.Paths.MailData, () => mailboxes.Options),
            new MessageChanges(context.Paths.MailData, services.GetRequiredService<MailboxLocks>(), context.Clock),
            access,
            typeof(MailWorker).Assembly.GetName().Version!.ToString(3),
            services.GetRequiredService<ILogger<MailVerbs>>())
        {
            Outgoing = services.GetRequiredService<OutgoingMail>(),
            Making = services.GetRequiredService<MailboxVerbs>(),
            Hooking = new HookVerbs(mailboxes),
        };
        var server = new MailSocketServer(context.Paths.MailSocket, verbs, context.Clock, services.GetRequiredService<ILogger<MailSocketServer>>());
        context.Health.Listening("aimx", context.Paths.MailSocket);
        return server;
    }

    private static void Configure(SocketTransportOptions sockets, WorkerContext context)
    {
        sockets.MaxReadBufferSize = MostBuffered;
        sockets.CreateBoundListenSocket = wanted =>
        {
            var socket = ListenAddress.Bind((IPEndPoint)wanted);
            context.Health.Listening(((ServiceEndPoint)wanted).Name, socket.LocalEndPoint!);
            return socket;
        };
    }

    private static void Listen(KestrelServerOptions kestrel, MailOptions options)
    {
        IEnumerable<ServiceEndPoint> wanted =
        [
            .. options.Smtp.Listen.Select(address => new ServiceEndPoint(address, SmtpService.Mx)),
            .. options.Submission.Listen.Select(address => new ServiceEndPoint(address, SmtpService.Submission)),
            .. options.Submission.ListenTls.Select(address => new ServiceEndPoint(address, SmtpService.SubmissionOverTls)),
        ];
        foreach (var address in wanted)
        {
            kestrel.Listen(address, listen =>
            {
                var listener = listen.ApplicationServices.GetRequiredService<SmtpListener>();
                listen.Run(connection => listener.OnConnectedAsync(connection, address.Service));
            });
        }
    }

    /// <summary>An address that knows what is served there: port 0 alone would tell two listeners not apart.</summary>
    private sealed class ServiceEndPoint(IPEndPoint address, SmtpService service) : IPEndPoint(address.Address, address.Port)
    {
        public SmtpService Service => service;

        /// <summary>As <c>/etc/services</c> has it.</summary>
        public string Name => service switch
        {
            SmtpService.Mx => "smtp",
            SmtpService.Submission => "submission",
            _ => "submissions",
        };
    }

    private static void Count(WorkerHealthReporter health, SmtpListener listener)
    {
        health.Count("connections", () => listener.Connections);
        health.Count("received", () => listener.Events.Received);
        health.Count("refused", () => listener.Events.Refused);
    }
}
