using System.Formats.Tar;
using System.Net;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Docker;

/// <summary>
/// Files of a container through the engine's archive calls, which work on a stopped one too. A tmpfs of a running one is not
/// reached this way, and replacing a file is not one step.
/// </summary>
internal sealed class ContainerFiles(DockerContainer container)
{
    private const string StatHeader = "X-Docker-Container-Path-Stat";
    private const uint GoFolder = 1u << 31;
    private const uint GoLink = 1u << 27;
    private const int MostLinks = 16;

    public async Task WriteAsync(string path, ReadOnlyMemory<byte> content, SandboxFileAttributes attributes, SandboxUser owner, CancellationToken ct)
    {
        if (SandboxTree.Parts(path) is not [.. var above, var name])
        {
            throw new ArgumentException("The root is not a file.", nameof(path));
        }

        var known = await KnownAsync(above, ct);
        await PutAsync(
            Join(above[..known]),
            writer =>
            {
                WriteFolders(writer, above, known, owner);
                var file = TarPack.File(Relative([.. above[known..], name]), content, attributes.Mode, owner.Uid, owner.Gid);
                file.ModificationTime = attributes.ModifiedAt ?? file.ModificationTime;
                writer.WriteEntry(file);
            },
            ct);
    }

    public async Task<SandboxRead> ReadAsync(string path, int most, CancellationToken ct)
    {
        for (var i = 0; i < MostLinks; i++)
        {
            var (read, link) = await ReadOnceAsync(path, most, ct);
            if (link is null)
            {
                return read;
            }

            path = Target(path, link);
        }

        return SandboxRead.Without(SandboxReadStatus.Missing); // Links in a circle.
    }

    public async Task<SandboxCopy> CopyInAsync(string hostFolder, string path, SandboxUser owner, CancellationToken ct)
    {
        var parts = SandboxTree.Parts(path);
        var known = await KnownAsync(parts, ct);
        var pack = new TarPack(_ => ((uint)owner.Uid, (uint)owner.Gid), ct);
        await PutAsync(
            Join(parts[..known]),
            writer =>
            {
                WriteFolders(writer, parts, known, owner);
                pack.Write(writer, hostFolder, known == parts.Length ? "" : Relative(parts[known..]) + "/");
            },
            ct);
        return pack.Done;
    }

    public async Task<SandboxCopy> CopyOutAsync(string path, string hostFolder, long mostBytes, CancellationToken ct)
    {
        var parts = SandboxTree.Parts(path);
        if (await StatAsync(Join(parts), ct) is not { } stat || !stat.IsFolder)
        {
            throw new SandboxException($"There is no folder {path} in the sandbox.");
        }

        using var response = await container.Engine.OpenAsync(HttpMethod.Get, Archive(Join(parts)), null, ct);
        Directory.CreateDirectory(hostFolder, (UnixFileMode)0x1C0);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        return await Task.Run(
            () =>
            {
                using var tree = new SandboxTree(HostFolder.Open(hostFolder, pathOnly: true), 0);
                var self = (Libc.geteuid(), Libc.getegid());
                var unpack = new TarUnpack(tree, (_, _) => self, new TarLimits(mostBytes, TarLimits.PlainModes));
                unpack.Unpack(stream, whiteouts: false, below: parts.Length == 0 ? null : parts[^1], ct);
                return unpack.Done;
            },
            ct);
    }

    /// <summary>Unpacks what is written at an existing folder.</summary>
    public async Task PutAsync(string folder, Action<TarWriter> write, CancellationToken ct)
    {
        using var content = new TarContent(write);
        await container.Engine.PutTarAsync(Archive(folder) + "&noOverwriteDirNonDir=true", content, ct);
    }

    private async Task<(SandboxRead Read, string? Link)> ReadOnceAsync(string path, int most, CancellationToken ct)
    {
        HttpResponseMessage response;
        try
        {
            response = await container.Engine.OpenAsync(HttpMethod.Get, Archive(Join(SandboxTree.Parts(path))), null, ct);
        }
        catch (EngineException missing) when (missing.Failure.Problem == EngineProblem.NotFound && IsAboutThePath(missing))
        {
            return (SandboxRead.Without(SandboxReadStatus.Missing), null);
        }

        using (response)
        {
            await using var stream = await response.Content.ReadAsStreamAsync(ct);
            await using var reader = new TarReader(stream);
            var entry = await reader.GetNextEntryAsync(copyData: false, ct);
            switch (entry?.EntryType)
            {
                case TarEntryType.RegularFile when entry.Length > most:
                    return (SandboxRead.Without(SandboxReadStatus.TooLarge), null);
                case TarEntryType.RegularFile:
                    return (await FoundAsync(entry, ct), null);
                case TarEntryType.SymbolicLink:
                    return (SandboxRead.Without(SandboxReadStatus.Missing), entry.LinkName);
                default:
                    return (SandboxRead.Without(SandboxReadStatus.NotAFile), null);
            }
        }
    }

    private static async Task<SandboxRead> FoundAsync(TarEntry entry, CancellationToken ct)
    {
        var bytes = new byte[entry.Length];
        if (entry.DataStream is { } data)
        {
            await data.ReadExactlyAsync(bytes, ct);
        }

        return new SandboxRead(SandboxReadStatus.Found, bytes, entry.Mode, entry.Uid, entry.Gid, entry.ModificationTime);
    }

    /// <summary>The engine says 404 for a missing container too.</summary>
    private static bool IsAboutThePath(EngineException error) => !error.Words.Contains("No such container", StringComparison.OrdinalIgnoreCase);

    /// <summary>Relative targets against the link's folder; ".." never above the root.</summary>
    private static string Target(string path, string link)
    {
        var full = link.StartsWith('/') ? link : $"{path[..path.LastIndexOf('/')]}/{link}";
        var parts = new List<string>();
        foreach (var part in full.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("." or ".."))
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>How many of the folders exist, counted from the root.</summary>
    private async Task<int> KnownAsync(string[] folders, CancellationToken ct)
    {
        for (var known = folders.Length; known > 0; known--)
        {
            if (await StatAsync(Join(folders[..known]), ct) is { } stat)
            {
                return stat.IsFolder || stat.IsLink
                    ? known
                    : throw new IOException($"{Join(folders[..known])} is in the way: it is not a folder.");
            }
        }

        return 0;
    }

    private async Task<(bool IsFolder, bool IsLink)?> StatAsync(string path, CancellationToken ct)
    {
        try
        {
            using var response = await container.Engine.OpenAsync(HttpMethod.Head, Archive(path), null, ct);
            var header = response.Headers.GetValues(StatHeader).First();
            var mode = (uint?)JsonNode.Parse(Convert.FromBase64String(header))?["mode"] ?? 0;
            return ((mode & GoFolder) != 0, (mode & GoLink) != 0);
        }
        catch (EngineException missing) when (missing.Status == (int)HttpStatusCode.NotFound) // HEAD has no words: a missing container shows at the next call.
        {
            return null;
        }
    }

    private string Archive(string path) => $"{container.Path}/archive?path={Uri.EscapeDataString(path)}";

    private static string Join(string[] parts) => "/" + string.Join('/', parts);

    private static string Relative(string[] parts) => string.Join('/', parts);

    private static void WriteFolders(TarWriter writer, string[] parts, int known, SandboxUser owner)
    {
        for (var count = known + 1; count <= parts.Length; count++)
        {
            writer.WriteEntry(TarPack.Folder(Relative(parts[known..count]) + "/", (UnixFileMode)0x1ED, owner.Uid, owner.Gid));
        }
    }
}
