using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Belljar.Sandboxes.Docker;

/// <summary>
/// The few calls of the Docker Engine API that sandboxes need (version 1.40 and later; Podman's too), over its local Unix
/// socket. Connections are kept alive.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "Lives as long as its backend, which is as long as the process; idle connections close by themselves.")]
internal sealed class EngineClient
{
    public const string Version = "/v1.40";
    private const int MostAnswer = 8 << 20;

    private readonly HttpMessageInvoker _http;

    public EngineClient(string socketPath)
    {
        SocketPath = socketPath;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) => new NetworkStream(await EngineConnection.OpenAsync(socketPath, ct), ownsSocket: true),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 64, // KB
        });
    }

    public string SocketPath { get; }

    public async Task<JsonObject> GetAsync(string path, CancellationToken ct) =>
        (await SendAsync(HttpMethod.Get, path, null, ct) as JsonObject) ?? throw Malformed(path);

    public async Task<JsonArray> GetListAsync(string path, CancellationToken ct) =>
        (await SendAsync(HttpMethod.Get, path, null, ct) as JsonArray) ?? throw Malformed(path);

    /// <returns>The answer's JSON; null when it is empty.</returns>
    public Task<JsonNode?> PostAsync(string path, JsonObject? body, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, path, body is null ? null : Json(body), ct);

    public Task<JsonNode?> PostAsync(string path, HttpContent body, CancellationToken ct) => SendAsync(HttpMethod.Post, path, body, ct);

    public Task<JsonNode?> DeleteAsync(string path, CancellationToken ct) => SendAsync(HttpMethod.Delete, path, null, ct);

    public Task<JsonNode?> PutTarAsync(string path, HttpContent tar, CancellationToken ct) => SendAsync(HttpMethod.Put, path, tar, ct);

    /// <summary>The answer as it arrives: a tar stream, progress messages. The caller disposes it.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, new Uri($"http://engine{Version}{path}"));
        request.Content = body;
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, ct);
        }
        catch (HttpRequestException error)
        {
            throw error.InnerException as EngineException
                ?? new EngineException($"{method} {path}", 0, error.Message, EngineFailure.Classify(0, error.Message), error);
        }

        if (!response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.NotModified)
        {
            using (response)
            {
                throw Refused($"{method} {path}", (int)response.StatusCode, await WordsAsync(response, ct));
            }
        }

        return response;
    }

    public static HttpContent Tar(Stream tar)
    {
        var content = new StreamContent(tar, 128 * 1024);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        return content;
    }

    public static EngineException Refused(string what, int status, string answer) =>
        new(what, status, answer, EngineFailure.Classify(status, answer));

    /// <summary>What an error answer says: the message of its JSON, else its text.</summary>
    public static string MessageOf(string answer)
    {
        try
        {
            return (string?)JsonNode.Parse(answer)?["message"] ?? answer;
        }
        catch (JsonException)
        {
            return answer;
        }
    }

    public static string Filters(params (string Key, string Value)[] filters)
    {
        var all = new JsonObject();
        foreach (var group in filters.GroupBy(filter => filter.Key))
        {
            all[group.Key] = new JsonArray([.. group.Select(filter => (JsonNode)filter.Value)]);
        }

        return Uri.EscapeDataString(all.ToJsonString());
    }

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private static EngineException Malformed(string path) =>
        new($"GET {path}", 200, "the answer is not what the API promises", new EngineFailure(EngineProblem.Other, ""));

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        using var response = await OpenAsync(method, path, body, ct);
        var bytes = await ReadAsync(response, ct);
        try
        {
            return bytes.Length == 0 ? null : JsonNode.Parse(bytes);
        }
        catch (JsonException)
        {
            return null; // Some calls answer with a line of text.
        }
    }

    private static async Task<string> WordsAsync(HttpResponseMessage response, CancellationToken ct) =>
        MessageOf(Encoding.UTF8.GetString(await ReadAsync(response, ct)));

    /// <summary>The engine is trusted, its answers carry what containers say: bounded all the same.</summary>
    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        await response.Content.LoadIntoBufferAsync(MostAnswer, ct);
        return await response.Content.ReadAsByteArrayAsync(ct);
    }
}
