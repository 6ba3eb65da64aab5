using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace E2E.Tests.Agents;

/// <summary>What the model says next, when it has been told what its last tool gave.</summary>
/// <param name="Tool">Null: it says <paramref name="Text"/> and is done.</param>
internal sealed record ModelTurn(string? Tool, JsonObject? Arguments, string Text = "")
{
    public static ModelTurn Call(string tool, JsonObject arguments) => new(tool, arguments);

    public static ModelTurn Say(string text) => new(null, null, text);
}

/// <summary>
/// Stands where the model's API would be (messages, as a server-sent stream) and plays a script: each turn gets the text of the tool's
/// result before it. Whatever else is asked of it, a title or how much is left, is answered with a word or with 404.
/// </summary>
internal sealed class ModelStandIn : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly string _toolPrefix;
    private readonly IReadOnlyList<Func<string, ModelTurn>> _script;

    private ModelStandIn(string toolPrefix, IReadOnlyList<Func<string, ModelTurn>> script)
    {
        (_toolPrefix, _script) = (toolPrefix, script);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapMethods("/", ["HEAD"], () => Results.Ok());
        _server.MapPost("/v1/messages", AnswerAsync);
    }

    public string Address => _server.Urls.First();

    /// <summary>Of the tools that were called, in order.</summary>
    public ConcurrentQueue<string> ToolResults { get; } = new();

    /// <summary>The tools that the agent offered with its last request.</summary>
    public IReadOnlyList<string> Tools { get; private set; } = [];

    /// <param name="toolPrefix">What the agent puts before the names of our tools; a request without such tools is not the conversation.</param>
    public static async Task<ModelStandIn> StartAsync(string toolPrefix, params IReadOnlyList<Func<string, ModelTurn>> script)
    {
        var model = new ModelStandIn(toolPrefix, script);
        await model._server.StartAsync();
        return model;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var request = await JsonDocument.ParseAsync(context.Request.Body);
        var turn = Next(request.RootElement);
        context.Response.ContentType = "text/event-stream";
        foreach (var item in Stream(turn, request.RootElement.GetProperty("model").GetString()!))
        {
            await context.Response.WriteAsync($"event: {item["type"]}\ndata: {item.ToJsonString()}\n\n", Encoding.UTF8);
        }
    }

    private ModelTurn Next(JsonElement request)
    {
        var tools = request.TryGetProperty("tools", out var offered)
            ? offered.EnumerateArray().Select(tool => tool.GetProperty("name").GetString()!).Where(name => name.StartsWith(_toolPrefix, StringComparison.Ordinal)).ToList()
            : [];
        if (tools.Count == 0)
        {
            return ModelTurn.Say("ok");
        }

        Tools = tools;

        // The whole conversation comes each time: how many results it has says where we are, also when a request is repeated.
        var results = request.GetProperty("messages").EnumerateArray().SelectMany(ToolResultsOf).ToList();
        while (ToolResults.Count < results.Count)
        {
            ToolResults.Enqueue(results[ToolResults.Count]);
        }

        return results.Count < _script.Count ? _script[results.Count](results.LastOrDefault() ?? "") : ModelTurn.Say("done");
    }

    private static IEnumerable<string> ToolResultsOf(JsonElement message) => message.GetProperty("content") is { ValueKind: JsonValueKind.Array } content
        ? content.EnumerateArray().Where(block => block.GetProperty("type").GetString() == "tool_result").Select(block => Text(block.GetProperty("content")))
        : [];

    private static string Text(JsonElement content) => content.ValueKind is JsonValueKind.String
        ? content.GetString()!
        : string.Join('\n', content.EnumerateArray().Where(block => block.GetProperty("type").GetString() == "text").Select(block => block.GetProperty("text").GetString()));

    private IEnumerable<JsonObject> Stream(ModelTurn turn, string model)
    {
        yield return new JsonObject
        {
            ["type"] = "message_start",
            ["message"] = new JsonObject
            {
                ["id"] = $"msg_{Guid.NewGuid():N}",
                ["type"] = "message",
                ["role"] = "assistant",
                ["model"] = model,
                ["content"] = new JsonArray(),
                ["stop_reason"] = null,
                ["stop_sequence"] = null,
                ["usage"] = new JsonObject { ["input_tokens"] = 1, ["output_tokens"] = 1 },
            },
        };
        var isCall = turn.Tool is not null;
        yield return new JsonObject
        {
            ["type"] = "content_block_start",
            ["index"] = 0,
            ["content_block"] = isCall
                ? new JsonObject { ["type"] = "tool_use", ["id"] = $"toolu_{Guid.NewGuid():N}", ["name"] = _toolPrefix + turn.Tool, ["input"] = new JsonObject() }
                : new JsonObject { ["type"] = "text", ["text"] = "" },
        };
        yield return new JsonObject
        {
            ["type"] = "content_block_delta",
            ["index"] = 0,
            ["delta"] = isCall
                ? new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = turn.Arguments!.ToJsonString() }
                : new JsonObject { ["type"] = "text_delta", ["text"] = turn.Text },
        };
        yield return new JsonObject { ["type"] = "content_block_stop", ["index"] = 0 };
        yield return new JsonObject
        {
            ["type"] = "message_delta",
            ["delta"] = new JsonObject { ["stop_reason"] = isCall ? "tool_use" : "end_turn", ["stop_sequence"] = null },
            ["usage"] = new JsonObject { ["output_tokens"] = 1 },
        };
        yield return new JsonObject { ["type"] = "message_stop" };
    }
}
