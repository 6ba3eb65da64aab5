using System.Text.Json.Nodes;

namespace Belljar.Sandboxes.Docker;

/// <summary>Snapshots as images of the engine, one repository a sandbox.</summary>
internal sealed class DockerSnapshots(DockerContainer container)
{
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken ct)
    {
        var images = await container.Engine.GetListAsync($"/images/json?filters={EngineClient.Filters(("reference", container.Id))}", ct);
        return
        [
            .. images.SelectMany(image => image?["RepoTags"] as JsonArray ?? []).Select(tag => (string?)tag ?? "")
                .Where(tag => tag.StartsWith(container.Id + ":", StringComparison.Ordinal)).Select(tag => tag[(container.Id.Length + 1)..]).Order(StringComparer.Ordinal),
        ];
    }

    public async Task TakeAsync(string name, CancellationToken ct)
    {
        SandboxNames.Check(name);
        if ((await ListAsync(ct)).Contains(name))
        {
            throw new SandboxException($"There is a snapshot '{name}' already.");
        }

        await container.Engine.PostAsync($"/commit?container={container.Id}&repo={container.Id}&tag={name}&pause=true", new JsonObject(), ct);
    }

    /// <returns>The engine's name of the image.</returns>
    public async Task<string> FindAsync(string name, CancellationToken ct)
    {
        var all = await ListAsync(ct);
        return all.Contains(name) ? $"{container.Id}:{name}" : throw new SandboxException($"There is no snapshot '{name}'. Known: {string.Join(", ", all)}.");
    }

    public async Task RemoveAllAsync(CancellationToken ct)
    {
        foreach (var name in await ListAsync(ct))
        {
            await container.Engine.DeleteAsync($"/images/{container.Id}:{name}?force=true", ct);
        }
    }
}
