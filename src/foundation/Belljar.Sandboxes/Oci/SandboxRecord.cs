using System.Text.Json;
using System.Text.Json.Serialization;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Oci;

/// <summary>What of a sandbox is kept on disk. The environment is not.</summary>
/// <param name="RootfsFolder">The lower layer of the root.</param>
/// <param name="UsesHost">The host's /usr is mounted besides.</param>
/// <param name="NetworkPath">Null: a namespace of its own.</param>
/// <param name="IdBase">The host's number for root of the inside.</param>
/// <param name="DiskProblem">Why the disk is not limited although it should be.</param>
internal sealed record SandboxRecord(
    string Name,
    DateTimeOffset CreatedAt,
    string RootfsFolder,
    bool UsesHost,
    string? NetworkPath,
    SandboxProfile Profile,
    string Hostname,
    SandboxLimits Limits,
    IReadOnlyList<SandboxMount> Mounts,
    SandboxUser User,
    uint IdBase,
    string? DiskProblem = null)
{
    [JsonIgnore]
    public bool HasDisk => Limits.DiskBytes is not null && DiskProblem is null;

    /// <summary>Comes to be in one step: it says that the sandbox is whole.</summary>
    public void Save(string path)
    {
        var fresh = path + ".new";
        File.WriteAllBytes(fresh, JsonSerializer.SerializeToUtf8Bytes(this, OciJson.Default.SandboxRecord));
        File.Move(fresh, path, overwrite: true);
    }

    public static SandboxRecord Load(string path) =>
        JsonSerializer.Deserialize(File.ReadAllBytes(path), OciJson.Default.SandboxRecord)
        ?? throw new JsonException($"{path} is empty.");
}

[JsonSerializable(typeof(SandboxRecord))]
[JsonSerializable(typeof(InitProcess))]
[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true)]
internal sealed partial class OciJson : JsonSerializerContext;
