using System.Text.Json;
using System.Text.Json.Serialization;

namespace Belljar.Sandboxes.Docker;

/// <summary>What of a sandbox is kept, in a label of its container. The environment is not.</summary>
/// <param name="Image">The engine's image.</param>
/// <param name="DiskProblem">Why the disk is not limited although it should be.</param>
/// <param name="HostFolders">Folders of the host's that are shown read-only at the same place.</param>
internal sealed record DockerRecord(
    string Name,
    DateTimeOffset CreatedAt,
    string Image,
    IReadOnlyList<string> HostFolders,
    SandboxProfile Profile,
    string Hostname,
    SandboxLimits Limits,
    IReadOnlyList<SandboxMount> Mounts,
    SandboxUser User,
    string? DiskProblem = null)
{
    [JsonIgnore]
    public bool HasDisk => Limits.DiskBytes is not null && DiskProblem is null;

    public string ToJson() => JsonSerializer.Serialize(this, DockerJson.Default.DockerRecord);

    public static DockerRecord Parse(string json) =>
        JsonSerializer.Deserialize(json, DockerJson.Default.DockerRecord) ?? throw new JsonException("The label is empty.");
}

[JsonSerializable(typeof(DockerRecord))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class DockerJson : JsonSerializerContext;
