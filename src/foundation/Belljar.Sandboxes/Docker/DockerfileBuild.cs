using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Images;

namespace Belljar.Sandboxes.Docker;

/// <summary>Builds a Dockerfile with a local engine, and takes the resulting files into the image store, for every backend.</summary>
public sealed class DockerfileBuild(SandboxSettings settings)
{
    private readonly EngineClient _engine = new(settings.EngineSocket);

    /// <param name="folder">The build's context, with a file <c>Dockerfile</c> in it.</param>
    /// <param name="progress">Gets what the build prints.</param>
    /// <exception cref="EngineException">The engine cannot be reached, or the build failed: with the remedy where one is known.</exception>
    public async Task<SandboxImage> RunAsync(string name, string folder, Action<string> progress, CancellationToken ct)
    {
        ImageStore.CheckName(name);
        if (!File.Exists(Path.Combine(folder, "Dockerfile")))
        {
            throw new SandboxException($"There is no Dockerfile in {folder}.");
        }

        var tag = $"belljar-build-{name}";
        await BuildAsync(tag, folder, progress, ct);
        var container = (string?)(await _engine.PostAsync(
            "/containers/create", new JsonObject
            {
                ["Image"] = tag,
                ["Entrypoint"] = new JsonArray("/none"),
                ["Cmd"] = new JsonArray(),
                ["Labels"] = ContainerConfig.HelperLabels(new DockerStore(settings).Name),
            }, ct))?["Id"];
        try
        {
            using var export = await _engine.OpenAsync(HttpMethod.Get, $"/containers/{container}/export", null, ct);
            await using var tar = await export.Content.ReadAsStreamAsync(ct);
            return await new ImageStore(settings).ImportTreeAsync(name, $"Dockerfile in {folder}", tar, ct);
        }
        finally
        {
            await _engine.DeleteAsync($"/containers/{container}?force=true", CancellationToken.None);
        }
    }

    private async Task BuildAsync(string tag, string folder, Action<string> progress, CancellationToken ct)
    {
        using var context = new TarContent(writer => new TarPack(_ => (0, 0), ct).Write(writer, folder, ""));
        using var response = await _engine.OpenAsync(HttpMethod.Post, $"/build?t={tag}&rm=true&forcerm=true", context, ct);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct), Encoding.UTF8);
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            Report(line, progress);
        }
    }

    private static void Report(string line, Action<string> progress)
    {
        JsonNode? message;
        try
        {
            message = JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            return;
        }

        if ((string?)message?["error"] is { } error)
        {
            throw EngineClient.Refused("The build failed", 0, error);
        }

        if ((string?)message?["stream"] is { } text && text.Trim().Length > 0)
        {
            progress(text.TrimEnd());
        }
    }
}
