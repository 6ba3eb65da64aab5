using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Hosting.Workers;

/// <summary>Starting points for a worker's host: empty ones, that read no file and no environment, with the context's services in them.</summary>
public static class WorkerHost
{
    /// <summary>How long a worker may take to finish what it has in hand.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(8);

    /// <summary>A host for work that needs no HTTP.</summary>
    public static HostApplicationBuilder Create(WorkerContext context)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "belljar" });
        AddContext(builder.Services, context);
        return builder;
    }

    /// <summary>A host with Kestrel and nothing configured; the worker adds its listeners.</summary>
    public static WebApplicationBuilder CreateWeb(WorkerContext context)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "belljar" });
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        AddContext(builder.Services, context);
        return builder;
    }

    private static void AddContext(IServiceCollection services, WorkerContext context)
    {
        services.AddSingleton(context);
        services.AddSingleton(context.Clock);
        services.AddSingleton(context.Events);
        services.AddSingleton(context.Bus);
        services.AddSingleton(context.Health);
        services.AddSingleton(context.Paths);
        services.RemoveAll<ILoggerFactory>();
        services.AddSingleton<ILoggerFactory>(new SharedLoggers(context.Loggers));
        services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
        services.Configure<HostOptions>(options =>
        {
            options.ShutdownTimeout = ShutdownTimeout;
            options.ServicesStartConcurrently = false;
        });
    }

    /// <summary>Signals belong to the process, not to one of its workers.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>The process's loggers, which outlive a worker's host.</summary>
    private sealed class SharedLoggers(ILoggerFactory shared) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => shared.CreateLogger(categoryName);

        public void AddProvider(ILoggerProvider provider) => shared.AddProvider(provider);

        public void Dispose()
        {
        }
    }
}
