using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Hosting.Workers;

/// <summary>
/// Runs one worker: builds its host, starts it, and builds it again with backoff when it faults, until it is told to
/// stop. Stop wins over restart; restarts that are asked for while one is under way are that one.
/// </summary>
internal sealed partial class WorkerRunner(WorkerDefinition definition, Func<WorkerContext> context, WorkerHealthReporter health, TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CalmAfter = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _commands = new(1, 1);
    private CancellationTokenSource? _stop;
    private Task _loop = Task.CompletedTask;
    private Task? _restart;
    private bool _stopping;

    public WorkerDefinition Definition { get; } = definition;

    public WorkerHealthReporter Health { get; } = health;

    public async Task StartAsync(CancellationToken ct)
    {
        await _commands.WaitAsync(ct);
        try
        {
            if (_stopping || _stop is not null)
            {
                return;
            }

            _stop = new CancellationTokenSource();
            var firstOutcome = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _loop = Task.Run(() => RunUntilAsync(firstOutcome, _stop.Token), CancellationToken.None);
            await firstOutcome.Task.WaitAsync(ct);
        }
        finally
        {
            _commands.Release();
        }
    }

    public async Task StopAsync(CancellationToken ct)
    {
        await _commands.WaitAsync(ct);
        try
        {
            if (_stop is { } stop)
            {
                await stop.CancelAsync();
                await _loop.WaitAsync(ct);
                stop.Dispose();
                _stop = null;
            }
        }
        finally
        {
            _commands.Release();
        }
    }

    public Task RestartAsync(CancellationToken ct)
    {
        lock (_commands)
        {
            if (_restart is null || _restart.IsCompleted)
            {
                _restart = StopThenStartAsync();
            }

            return _restart.WaitAsync(ct);
        }
    }

    /// <summary>Stops for good: nothing starts it again.</summary>
    public Task CloseAsync(CancellationToken ct)
    {
        _stopping = true;
        return StopAsync(ct);
    }

    public void Dispose()
    {
        _commands.Dispose();
        _stop?.Dispose();
    }

    private async Task StopThenStartAsync()
    {
        await StopAsync(CancellationToken.None);
        await StartAsync(CancellationToken.None);
    }

    private async Task RunUntilAsync(TaskCompletionSource firstOutcome, CancellationToken stop)
    {
        var backoff = FirstBackoff;
        var again = false;
        while (!stop.IsCancellationRequested)
        {
            Health.Starting(again);
            var started = clock.GetTimestamp();
            var fault = await RunOnceAsync(firstOutcome, stop);
            firstOutcome.TrySetResult();
            if (fault is null)
            {
                break;
            }

            Health.Faulted(fault);
            LogFault(Definition.Name, fault);
            again = true;
            backoff = clock.GetElapsedTime(started) > CalmAfter ? FirstBackoff : backoff;
            await Task.Delay(backoff, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            backoff = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff;
        }

        Health.Stopped();
        firstOutcome.TrySetResult();
    }

    /// <returns>Why it faulted; null when it was stopped.</returns>
    private async Task<string?> RunOnceAsync(TaskCompletionSource firstOutcome, CancellationToken stop)
    {
        IHost? host = null;
        try
        {
            host = Definition.BuildHost(context());
            await host.StartAsync(stop);
            Health.Started();
            firstOutcome.TrySetResult();
            await WaitForEndAsync(host, stop);
            if (!stop.IsCancellationRequested)
            {
                return FaultOf(host) ?? "it ended by itself";
            }

            Health.Stopping();
            using var deadline = new CancellationTokenSource(WorkerHost.ShutdownTimeout, clock);
            await host.StopAsync(deadline.Token);
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (OperatorException mistake)
        {
            return mistake.Message;
        }
        catch (Exception fault)
        {
            LogException(fault, Definition.Name);
            return $"{fault.GetType().Name}: {fault.Message}";
        }
        finally
        {
            await DisposeAsync(host);
        }
    }

    private static async Task WaitForEndAsync(IHost host, CancellationToken stop)
    {
        var lifetime = (IHostApplicationLifetime)host.Services.GetService(typeof(IHostApplicationLifetime))!;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, lifetime.ApplicationStopping);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A background service that threw has stopped the host; its exception is the reason.</summary>
    private static string? FaultOf(IHost host)
    {
        var services = (IEnumerable<IHostedService>?)host.Services.GetService(typeof(IEnumerable<IHostedService>)) ?? [];
        return services.OfType<BackgroundService>()
            .Select(service => service.ExecuteTask?.Exception?.InnerException)
            .OfType<Exception>()
            .Select(fault => fault is OperatorException ? fault.Message : $"{fault.GetType().Name}: {fault.Message}")
            .FirstOrDefault();
    }

    private async Task DisposeAsync(IHost? host)
    {
        try
        {
            switch (host)
            {
                case IAsyncDisposable asynchronous:
                    await asynchronous.DisposeAsync();
                    break;
                case not null:
                    host.Dispose();
                    break;
            }
        }
        catch (Exception fault)
        {
            LogException(fault, Definition.Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "worker {Worker} faulted and will be started again: {Reason}")]
    private partial void LogFault(string worker, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "worker {Worker} threw")]
    private partial void LogException(Exception fault, string worker);
}
