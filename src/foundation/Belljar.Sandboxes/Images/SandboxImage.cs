using System.Text.Json.Serialization;

namespace Belljar.Sandboxes.Images;

/// <summary>A root file system that sandboxes can start from.</summary>
/// <param name="Name">Lower-case letters, digits, hyphens, dots.</param>
/// <param name="Digest">SHA-256 of what it was made from, in hexadecimal: two names may share one tree.</param>
/// <param name="Source">Where it came from, for people.</param>
/// <param name="Bytes">Of its files.</param>
public sealed record SandboxImage(string Name, string Digest, string Source, DateTimeOffset CreatedAt, long Bytes)
{
    /// <summary>The unpacked tree.</summary>
    [JsonIgnore]
    public string Rootfs { get; init; } = "";
}

[JsonSerializable(typeof(SandboxImage))]
[JsonSerializable(typeof(DockerSave[]))]
[JsonSerializable(typeof(OciIndex))]
[JsonSerializable(typeof(OciManifest))]
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
internal sealed partial class ImageJson : JsonSerializerContext;

/// <summary>An entry of manifest.json in a <c>docker save</c> archive.</summary>
internal sealed record DockerSave(string Config, IReadOnlyList<string> Layers);

/// <summary>index.json of an OCI layout (image-spec, image-index).</summary>
internal sealed record OciIndex(IReadOnlyList<OciDescriptor> Manifests);

internal sealed record OciManifest(IReadOnlyList<OciDescriptor>? Layers, IReadOnlyList<OciDescriptor>? Manifests);

internal sealed record OciDescriptor(string Digest, string? MediaType, OciPlatform? Platform);

internal sealed record OciPlatform(string? Architecture);
