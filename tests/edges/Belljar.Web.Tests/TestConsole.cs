using System.Collections.Concurrent;
using System.Net;
using Belljar.Bus;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Hosting.Workers;
using Belljar.Testing;
using Belljar.Web.Access;
using Belljar.Web.Timeline;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Web.Tests;

/// <summary>The worker on a port of its own, and a browser that follows nothing by itself.</summary>
internal sealed class TestConsole : IAsyncDisposable
{
    private readonly TemporaryFolder _home = new();
    private readonly BusBroker _broker = new();
    private readonly InProcessBus _bus;
    private IHost? _host;

    public TestConsole()
    {
        Paths = BelljarPaths.At(_home.Path);
        _bus = new InProcessBus(_broker, "web", NullLogger<InProcessBus>.Instance);
    }

    public BelljarPaths Paths { get; }

    public FakeReader Record { get; } = new();

    public LogLines Log { get; } = new();

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Use the event log's file instead of <see cref="Record"/>.</summary>
    public bool OverTheStore { get; init; }

    public HttpClient Browser { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 100 });

    public string Authority { get; private set; } = "";

    public WorkerHealthReporter Health { get; private set; } = null!;

    public string TokenUrl => ConsoleToken.LoadOrCreate(Paths).Url(Authority);

    public async Task<TestConsole> StartAsync()
    {
        Health = new WorkerHealthReporter("web", Clock, _bus, new NoEvents());
        var context = new WorkerContext
        {
            Paths = Paths,
            Settings = SettingsSet.Of((WebSettings.Section, new WebSettings(new IPEndPoint(IPAddress.Loopback, 0)))),
            Clock = Clock,
            Events = new NoEvents(),
            Bus = _bus,
            Health = Health,
            Workers = new NoControl(),
            Loggers = new LoggerFactory([Log], new LoggerFilterOptions { MinLevel = LogLevel.Trace }),
        };
        _host = OverTheStore ? WebWorker.Definition.BuildHost(context) : WebWorker.BuildHost(context, Record);
        await _host.StartAsync(TestContext.Current.CancellationToken);
        Authority = Assert.Single(Health.Current.Listeners).Address;
        return this;
    }

    /// <summary>Rings the bus, as the recorder does when it has stored something.</summary>
    public void Ring() => _broker.Publish("system.recorder.test", "{}"u8.ToArray());

    /// <summary>Opens the console with the token, as a person does, and keeps the cookie.</summary>
    public async Task<TestConsole> SignInAsync()
    {
        using var reply = await Browser.GetAsync(TokenUrl);
        Browser.DefaultRequestHeaders.Add("Cookie", Assert.Single(reply.Headers.GetValues("Set-Cookie")).Split(';')[0]);
        return this;
    }

    public Task<HttpResponseMessage> GetAsync(string path, Action<HttpRequestMessage>? with = null) => SendAsync(HttpMethod.Get, path, with);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Action<HttpRequestMessage>? with = null)
    {
        var request = new HttpRequestMessage(method, $"http://{Authority}{path}");
        with?.Invoke(request);
        return Browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public async Task<string> TextAsync(string path)
    {
        using var reply = await GetAsync(path);
        return await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public Task StopAsync() => _host!.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Browser.Dispose();
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)_host).DisposeAsync();
        }

        await _bus.DisposeAsync();
        _home.Dispose();
    }

    /// <summary>Everything that is logged, at every level.</summary>
    internal sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }

    private sealed class NoEvents : IEventSink
    {
        public ValueTask RecordAsync(BelljarEvent e, CancellationToken ct) => ValueTask.CompletedTask;

        public void Post(BelljarEvent e)
        {
        }
    }

    private sealed class NoControl : IWorkerControl
    {
        public IReadOnlyList<WorkerHealth> Snapshot() => [];

        public Task StartAsync(string worker, CancellationToken ct) => Task.CompletedTask;

        public Task StopAsync(string worker, CancellationToken ct) => Task.CompletedTask;

        public Task RestartAsync(string worker, CancellationToken ct) => Task.CompletedTask;
    }
}
