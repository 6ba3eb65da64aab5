using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Belljar.Sandboxes.Files;

namespace Belljar.Sandboxes.Images;

/// <summary>Tells what kind of image a path holds, and unpacks its layers in order.</summary>
internal sealed class ImageImport(ImageStore store)
{
    private const int MostJson = 4 << 20;
    private const string DigestPrefix = "sha256:";
    private static readonly TarLimits Outer = new(64L << 30, TarLimits.PlainModes);

    public SandboxImage Import(string name, string path, CancellationToken ct)
    {
        if (Directory.Exists(path))
        {
            return ImportFolder(name, path, path, ct);
        }

        var scratch = store.Scratch();
        try
        {
            if (!HoldsImage(path))
            {
                return ImportTar(name, path, ct);
            }

            UnpackOuter(path, scratch, ct);
            return ImportFolder(name, scratch, path, ct);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private SandboxImage ImportFolder(string name, string folder, string source, CancellationToken ct)
    {
        if (File.Exists(Path.Combine(folder, "index.json")) && File.Exists(Path.Combine(folder, "oci-layout")))
        {
            var (digest, layers) = OciLayers(folder);
            return ImportLayers(name, source, digest, layers, ct);
        }

        if (File.Exists(Path.Combine(folder, "manifest.json")))
        {
            var (digest, layers) = DockerLayers(folder);
            return ImportLayers(name, source, digest, layers, ct);
        }

        if (!Directory.Exists(Path.Combine(folder, "usr")) && !Directory.Exists(Path.Combine(folder, "bin")))
        {
            throw new SandboxException($"{source} is neither an OCI layout, nor a docker save archive, nor a root file system (it has no usr or bin).");
        }

        return ImportTree(name, folder, source, ct);
    }

    private SandboxImage ImportLayers(string name, string source, string digest, IReadOnlyList<string> layers, CancellationToken ct) =>
        store.TryAdd(name, source, digest) ?? store.Add(
            name,
            source,
            unpack =>
            {
                foreach (var layer in layers)
                {
                    using var file = File.OpenRead(layer);
                    using var tar = Decompress(file, layer);
                    unpack.Unpack(tar, whiteouts: true, below: null, ct);
                }

                return digest;
            });

    private SandboxImage ImportTar(string name, string path, CancellationToken ct)
    {
        using var file = File.OpenRead(path);
        using var tar = Decompress(file, path);
        using var digest = new DigestingStream(tar);
        return store.Add(
            name,
            path,
            unpack =>
            {
                unpack.Unpack(digest, whiteouts: false, below: null, ct);
                return digest.Finish();
            });
    }

    /// <summary>A folder is read as the tar archive of itself.</summary>
    private SandboxImage ImportTree(string name, string folder, string source, CancellationToken ct)
    {
        var pipe = new System.IO.Pipelines.Pipe();
        var packing = Task.Run(
            () =>
            {
                using var stream = pipe.Writer.AsStream();
                using var writer = new System.Formats.Tar.TarWriter(stream);
                new TarPack(status => (status.Uid, status.Gid), ct).Write(writer, folder, "");
            },
            ct);
        using var digest = new DigestingStream(pipe.Reader.AsStream());
        var image = store.Add(
            name,
            source,
            unpack =>
            {
                unpack.Unpack(digest, whiteouts: false, below: null, ct);
                return digest.Finish();
            });
        packing.GetAwaiter().GetResult();
        return image;
    }

    private static (string Digest, IReadOnlyList<string> Layers) DockerLayers(string folder)
    {
        var manifest = Parse(Path.Combine(folder, "manifest.json"), ImageJson.Default.DockerSaveArray);
        if (manifest is not [var image])
        {
            throw new SandboxException($"The archive holds {manifest.Length} images: save one at a time.");
        }

        var config = Digest(Inside(folder, image.Config));
        return (config, [.. image.Layers.Select(layer => Inside(folder, layer))]);
    }

    private static (string Digest, IReadOnlyList<string> Layers) OciLayers(string folder)
    {
        var index = Parse(Path.Combine(folder, "index.json"), ImageJson.Default.OciIndex);
        var (digest, manifest) = Manifest(folder, index.Manifests);
        return (digest, [.. manifest.Layers!.Select(layer => Blob(folder, layer.Digest))]);
    }

    /// <summary>Of several, this machine's; an index may lead to another.</summary>
    private static (string Digest, OciManifest Manifest) Manifest(string folder, IReadOnlyList<OciDescriptor> choices)
    {
        var here = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
        for (var depth = 0; depth < 4; depth++)
        {
            var chosen = choices.FirstOrDefault(choice => choice.Platform?.Architecture == here)
                ?? (choices is [var only] && only.Platform?.Architecture is null or "" ? choices[0] : null)
                ?? throw new SandboxException($"The layout has no image for {here} (or several without a platform).");
            var manifest = Parse(Blob(folder, chosen.Digest), ImageJson.Default.OciManifest);
            if (manifest.Layers is not null)
            {
                return (chosen.Digest[DigestPrefix.Length..], manifest);
            }

            choices = manifest.Manifests ?? [];
        }

        throw new SandboxException("The layout's indexes lead nowhere.");
    }

    /// <summary>The file of a digest, checked against it.</summary>
    private static string Blob(string folder, string digest)
    {
        var hex = digest.StartsWith(DigestPrefix, StringComparison.Ordinal) ? digest[DigestPrefix.Length..] : "";
        if (hex.Length != 64 || !hex.All(char.IsAsciiHexDigitLower))
        {
            throw new SandboxException("The layout names a blob by something else than a SHA-256.");
        }

        var path = Inside(folder, $"blobs/sha256/{hex}");
        return Digest(path) == hex ? path : throw new SandboxException($"The blob {hex[..12]} is damaged: its bytes have another digest.");
    }

    private static string Inside(string folder, string relative)
    {
        var path = Path.GetFullPath(Path.Combine(folder, relative));
        if (!path.StartsWith(folder + "/", StringComparison.Ordinal) || !File.Exists(path))
        {
            throw new SandboxException($"The image names a file that it does not have: {relative}.");
        }

        return new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { } target && !target.FullName.StartsWith(folder + "/", StringComparison.Ordinal)
            ? throw new SandboxException("The image has a link that leads out of it.")
            : path;
    }

    private static T Parse<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return new FileInfo(path).Length <= MostJson && JsonSerializer.Deserialize(File.ReadAllBytes(path), type) is { } value
                ? value
                : throw new SandboxException($"{Path.GetFileName(path)} is empty or too large.");
        }
        catch (JsonException error)
        {
            throw new SandboxException($"{Path.GetFileName(path)} is not what an image has: {error.Message}", error);
        }
    }

    private static string Digest(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static bool HoldsImage(string path)
    {
        using var file = File.OpenRead(path);
        using var tar = Decompress(file, path);
        using var reader = new System.Formats.Tar.TarReader(tar);
        try
        {
            // Both kinds have their marks among few entries; a root file system has neither at its top.
            for (var i = 0; i < 2000 && reader.GetNextEntry() is { } entry; i++)
            {
                if (entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] is "manifest.json" or "oci-layout" : entry.Name is "manifest.json" or "oci-layout")
                {
                    return true;
                }
            }
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new SandboxException($"{path} is not a readable tar archive: {error.Message}", error);
        }

        return false;
    }

    private static void UnpackOuter(string path, string scratch, CancellationToken ct)
    {
        using var file = File.OpenRead(path);
        using var tar = Decompress(file, path);
        using var tree = new SandboxTree(HostFolder.Open(scratch, pathOnly: true), 0);
        var self = (Native.Libc.geteuid(), Native.Libc.getegid());
        new TarUnpack(tree, (_, _) => self, Outer).Unpack(tar, whiteouts: false, below: null, ct);
    }

    private static Stream Decompress(FileStream file, string path)
    {
        Span<byte> magic = stackalloc byte[4];
        var count = file.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        file.Position = 0;
        return magic[..count] switch
        {
            [0x1F, 0x8B, ..] => new GZipStream(file, CompressionMode.Decompress),
            [0x28, 0xB5, 0x2F, 0xFD] => throw new SandboxException($"{path} is compressed by zstd: unpack it with `zstd -d` first, or save the image with gzip."),
            [0xFD, (byte)'7', (byte)'z', (byte)'X'] => throw new SandboxException($"{path} is compressed by xz: unpack it with `xz -d` first."),
            _ => file,
        };
    }
}
