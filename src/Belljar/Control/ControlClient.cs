using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Belljar.Bus;
using Belljar.Contracts;
using Belljar.Hosting;

namespace Belljar.Control;

/// <summary>Asks the running Belljar over <c>control.sock</c>.</summary>
internal sealed class ControlClient : IDisposable
{
    private readonly BelljarPaths _paths;
    private readonly HttpMessageInvoker _http;

    public ControlClient(BelljarPaths paths)
    {
        _paths = paths;
        _http = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = (_, ct) => ConnectAsync(ct), UseProxy = false });
    }

    public Task<SystemStatus> StatusAsync(CancellationToken ct) => AskAsync(HttpMethod.Get, "/v1/status", ControlJson.Default.SystemStatus, ct);

    public Task<IReadOnlyList<WorkerRow>> WorkersAsync(CancellationToken ct) =>
        AskAsync(HttpMethod.Get, "/v1/workers", ControlJson.Default.IReadOnlyListWorkerRow, ct);

    public Task<WorkerActionResult> WorkerAsync(string worker, string action, CancellationToken ct) =>
        AskAsync(HttpMethod.Post, $"/v1/workers/{Uri.EscapeDataString(worker)}/{action}", ControlJson.Default.WorkerActionResult, ct);

    public Task<BusStatistics> BusAsync(CancellationToken ct) => AskAsync(HttpMethod.Get, "/v1/bus", ControlJson.Default.BusStatistics, ct);

    public void Dispose() => _http.Dispose();

    private async Task<T> AskAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> json, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, "http://belljar" + path);
        using var response = await SendAsync(request, ct);
        if (response.IsSuccessStatusCode)
        {
            return await response.Content.ReadFromJsonAsync(json, ct) ?? throw new OperatorException("the answer on control.sock was empty.");
        }

        throw new OperatorException(await ErrorOfAsync(response, ct));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            return await _http.SendAsync(request, ct);
        }
        catch (HttpRequestException unreachable)
        {
            var why = unreachable.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? $"this user may not use {_paths.ControlSocket}; run it as the user who started 'belljar up'."
                : $"Belljar is not running in {_paths.Home}. Start it with: belljar up";
            throw new OperatorException(why, OperatorException.NotReachable);
        }
    }

    private static async Task<string> ErrorOfAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            var error = await response.Content.ReadFromJsonAsync(ControlJson.Default.ControlError, ct);
            return error?.Error ?? $"control.sock answered {(int)response.StatusCode}.";
        }
        catch (JsonException)
        {
            return $"control.sock answered {(int)response.StatusCode}.";
        }
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_paths.ControlSocket), ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
