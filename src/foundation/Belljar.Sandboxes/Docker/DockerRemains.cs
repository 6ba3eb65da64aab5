using System.Text.Json.Nodes;
using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Docker;

/// <summary>
/// Finds what no sandbox of a store has any more: containers that the engine could not wholly remove, and what makers who
/// were killed have left: half-made sandboxes, helper containers, the folders in which they meet us.
/// </summary>
internal sealed class DockerRemains(EngineClient engine, DockerStore store, Func<string, DockerContainer> containerOf)
{
    public async Task<IReadOnlyList<SandboxRemains>> FindAsync(CancellationToken ct)
    {
        var found = await ListAsync(ct);
        var dead = found.Where(IsDead).Select(entry => Label(entry, ContainerConfig.NameLabel)).OfType<string>();
        return
        [
            .. dead.Union(store.HalfMade()).Select(Sandbox),
            .. found.Where(entry => Label(entry, ContainerConfig.HelperLabel) is { } maker && !MakingMark.IsAlive(maker)).Select(Helper),
            .. store.LeftMeetings().Select(Meeting),
        ];
    }

    /// <summary>All containers of this store, helpers too.</summary>
    public Task<JsonArray> ListAsync(CancellationToken ct) => engine.GetListAsync(
        $"/containers/json?all=true&filters={EngineClient.Filters(("label", $"{ContainerConfig.StoreLabel}={store.Name}"))}", ct);

    /// <summary>An engine calls so what it could not wholly remove.</summary>
    public static bool IsDead(JsonNode? container) => (string?)container?["State"] is "dead" or "removing";

    public static string? Label(JsonNode? container, string label) => (string?)container?["Labels"]?[label];

    private SandboxRemains Sandbox(string name)
    {
        var remains = DockerSandbox.Remains(containerOf(name), name);
        return remains with
        {
            Remove = async ct =>
            {
                await remains.Remove(ct);
                File.Delete(store.MakingMark(name));
            },
        };
    }

    private SandboxRemains Helper(JsonNode? entry)
    {
        var id = (string?)entry?["Id"] ?? "";
        return DockerSandbox.Remains(new DockerContainer(engine, id), "-");
    }

    private static SandboxRemains Meeting(string folder) => new("-", $"a meeting place of a helper in {folder}", FolderRemoval.Command(folder))
    {
        Remove = ct => FolderRemoval.RemoveAsync(folder, ct),
    };
}
