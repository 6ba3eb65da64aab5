using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Belljar.Bus;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Contracts.Wire;
using Belljar.Control;
using Belljar.Hosting;
using Belljar.Hosting.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Belljar.Workers;

/// <summary>Serves <c>control.sock</c>: HTTP/1.1 and JSON, for the owner of this process and for root.</summary>
internal static class ControlWorker
{
    public static readonly WorkerDefinition Definition = new("control", "Answers the command line on control.sock", WorkerNeeds.None, Build);

    private static WebApplication Build(WorkerContext context)
    {
        var builder = WorkerHost.CreateWeb(context);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<HealthBoard>();
        builder.Services.AddHostedService(services => services.GetRequiredService<HealthBoard>());
        UnixListener.Use(builder, context.Paths.ControlSocket);
        var app = builder.Build();
        var started = context.Clock.GetUtcNow();
        app.Use(RefuseStrangersAsync);
        app.UseRouting();

        app.MapGet("/v1/status", async http =>
        {
            var workers = http.RequestServices.GetRequiredService<HealthBoard>().Workers();
            await WriteAsync(http, new SystemStatus(BelljarVersion.Text, context.Paths.Home, Environment.ProcessId, started, workers), ControlJson.Default.SystemStatus);
        });
        app.MapGet("/v1/workers", async http =>
        {
            var rows = Rows(http.RequestServices.GetRequiredService<HealthBoard>().Workers(), context.Clock.GetUtcNow());
            await WriteAsync(http, rows, ControlJson.Default.IReadOnlyListWorkerRow);
        });
        app.MapPost("/v1/workers/{worker}/{action}", http => ActAsync(http, context));
        app.MapGet("/v1/bus", async http =>
        {
            if (context.Broker is { } broker)
            {
                await WriteAsync(http, broker.Statistics, ControlJson.Default.BusStatistics);
                return;
            }

            http.Response.StatusCode = StatusCodes.Status404NotFound;
            await WriteAsync(http, new ControlError("the bus runs in a process of its own here; see the counters of 'belljar status --json'."), ControlJson.Default.ControlError);
        });
        app.Lifetime.ApplicationStarted.Register(() => context.Health.Listening("control", context.Paths.ControlSocket));
        return app;
    }

    private static async Task ActAsync(HttpContext http, WorkerContext context)
    {
        var worker = (string)http.Request.RouteValues["worker"]!;
        var action = (string)http.Request.RouteValues["action"]!;
        if (worker == Definition.Name && action is not "restart")
        {
            await FailAsync(http, "the control worker cannot be stopped from here: end 'belljar up' instead.");
            return;
        }

        Func<string, CancellationToken, Task>? act = action switch
        {
            "start" => context.Workers.StartAsync,
            "stop" => context.Workers.StopAsync,
            "restart" => context.Workers.RestartAsync,
            _ => null,
        };
        if (act is null)
        {
            await FailAsync(http, $"there is no action '{action}'; there are start, stop and restart.");
            return;
        }

        try
        {
            await act(worker, worker == Definition.Name ? CancellationToken.None : http.RequestAborted);
        }
        catch (UnknownNameException unknown)
        {
            await FailAsync(http, unknown.Message);
            return;
        }
        catch (OperatorException mistake)
        {
            await FailAsync(http, mistake.Message);
            return;
        }

        var health = http.RequestServices.GetRequiredService<HealthBoard>().Workers().First(row => row.Name == worker);
        var outcome = health.State.ToString().ToLowerInvariant();
        await context.Events.RecordAsync(
            EventKinds.OperatorAction.At(context.Clock, new OperatorAction($"worker.{action}", worker, PeerOf(http)?.Uid ?? -1, outcome), Severity.Notice),
            http.RequestAborted);
        await WriteAsync(http, new WorkerActionResult(worker, health.State, health.Reason), ControlJson.Default.WorkerActionResult);
    }

    private static async Task RefuseStrangersAsync(HttpContext http, RequestDelegate next)
    {
        if (PeerOf(http) is { } peer && (peer.Uid == 0 || peer.Uid == PeerCredentials.OwnUid))
        {
            await next(http);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        await WriteAsync(http, new ControlError("only root and the user who runs Belljar may use control.sock."), ControlJson.Default.ControlError);
    }

    private static PeerCredentials? PeerOf(HttpContext http) =>
        http.Features.Get<IConnectionSocketFeature>() is { Socket: var socket } ? PeerCredentials.Of(socket) : null;

    private static IReadOnlyList<WorkerRow> Rows(IReadOnlyList<WorkerHealth> workers, DateTimeOffset now) =>
        [.. workers.Select(worker => new WorkerRow(
            worker.Name,
            WorkerCatalog.All.Find(worker.Name)?.Summary ?? "",
            NeedsOf(worker.Name),
            worker.State,
            worker.Reason,
            worker.State is WorkerState.Ready or WorkerState.Degraded ? Math.Round((now - worker.Since).TotalSeconds, 1) : 0,
            worker.Restarts))];

    private static IReadOnlyList<string> NeedsOf(string worker)
    {
        var needs = WorkerCatalog.All.Find(worker)?.Needs ?? WorkerNeeds.None;
        return [.. Words().Where(word => needs.HasFlag(word.Need)).Select(word => word.Word)];
    }

    private static (WorkerNeeds Need, string Word)[] Words() =>
        [(WorkerNeeds.Root, "root"), (WorkerNeeds.Docker, "docker"), (WorkerNeeds.NetRaw, "net_raw"), (WorkerNeeds.BindService, "bind_service")];

    private static async Task FailAsync(HttpContext http, string error)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        await WriteAsync(http, new ControlError(error), ControlJson.Default.ControlError);
    }

    private static Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> json)
    {
        http.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(http.Response.Body, value, json, http.RequestAborted);
    }
}
