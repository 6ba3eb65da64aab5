using System.Text.Json;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace E2E.Tests.Agents;

/// <summary>The official TypeScript SDK's client, in Node, connected to <c>belljar mcp</c> over its standard input and output.</summary>
internal sealed class TypeScriptClient : IAsyncDisposable
{
    private static readonly NpmPackage Sdk = new("@modelcontextprotocol/sdk", "1.32.2");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder;
    private readonly ChildProcess _node;
    private readonly StreamWriter _ask;
    private readonly StreamReader _answers;

    private TypeScriptClient(TemporaryFolder folder, ChildProcess node)
    {
        (_folder, _node) = (folder, node);
        (_ask, _answers) = (new StreamWriter(node.Input!) { AutoFlush = true }, new StreamReader(node.Output!));
    }

    /// <summary>Where either is absent the test is skipped, with the reason.</summary>
    public static async Task<TypeScriptClient> StartAsync(Home home)
    {
        Clients.Need("node");
        var modules = await Sdk.ModulesAsync();
        var folder = new TemporaryFolder();

        // A module's imports are looked for beside it.
        Directory.CreateSymbolicLink(folder["node_modules"], modules);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Agents", "typescript-client.mjs"), folder["client.mjs"]);
        var spec = home.Spec(["mcp"]);
        return new TypeScriptClient(folder, ChildProcess.Start(spec with
        {
            Command = ["node", folder["client.mjs"], .. spec.Command],
            Input = ChildStream.Pipe,
            Output = ChildStream.Pipe,
        }));
    }

    public Task<JsonElement> AskAsync(string what) => ExchangeAsync(new JsonObject { ["what"] = what });

    /// <returns>The result, and the text of its first part.</returns>
    public async Task<(string Text, JsonElement Result)> CallAsync(string tool, object arguments)
    {
        var result = await ExchangeAsync(new JsonObject
        {
            ["what"] = "call",
            ["params"] = new JsonObject { ["name"] = tool, ["arguments"] = JsonSerializer.SerializeToNode(arguments) },
        });
        Assert.False(result.TryGetProperty("failed", out var failure), failure.ToString());
        return (result.GetProperty("content")[0].GetProperty("text").GetString()!, result);
    }

    public async ValueTask DisposeAsync()
    {
        // The end of its input is the end of it, and of belljar.
        await _ask.DisposeAsync();
        await _node.Exited.WaitAsync(Patience);
        _answers.Dispose();
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<JsonElement> ExchangeAsync(JsonObject request)
    {
        await _ask.WriteLineAsync(request.ToJsonString());
        var answer = await _answers.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("the client ended");
        return JsonDocument.Parse(answer).RootElement;
    }
}
