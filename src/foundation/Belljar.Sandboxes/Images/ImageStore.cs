using System.Text.Json;
using System.Text.RegularExpressions;
using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Images;

/// <summary>The images of a store of sandboxes: trees by digest, names that point to them.</summary>
public sealed partial class ImageStore(SandboxSettings settings)
{
    private static readonly TarLimits Limits = new(64L << 30, TarLimits.AllModes);

    private readonly string _folder = settings.ImageFolder ?? Path.Combine(settings.StateFolder, ".images");

    public IReadOnlyList<SandboxImage> List() => Directory.Exists(Names)
        ? [.. Directory.EnumerateFiles(Names, "*.json").Select(Load).OrderBy(image => image.Name, StringComparer.Ordinal)]
        : [];

    /// <exception cref="SandboxException">There is none of this name; the known ones are listed.</exception>
    public SandboxImage Find(string name) => List().FirstOrDefault(image => image.Name == name)
        ?? throw new SandboxException($"There is no image '{name}'. Known: {Known()}. Make one with `belljar image build` or `belljar image import`.");

    /// <summary>
    /// Takes an image in: an OCI layout (folder or tar archive), a <c>docker save</c> archive, a tar archive of a root file
    /// system, or a folder that holds one.
    /// </summary>
    /// <exception cref="SandboxException">It is none of these, or damaged, or hostile.</exception>
    public async Task<SandboxImage> ImportAsync(string name, string path, CancellationToken ct)
    {
        CheckName(name);
        if (!Path.Exists(path))
        {
            throw new SandboxException($"There is no {path} to import.");
        }

        return await Task.Run(() => new ImageImport(this).Import(name, Path.GetFullPath(path), ct), ct);
    }

    /// <summary>Takes in a stream of a tar archive of a root file system, which is digested while it is unpacked.</summary>
    public Task<SandboxImage> ImportTreeAsync(string name, string source, Stream tar, CancellationToken ct)
    {
        CheckName(name);
        return Task.Run(
            () =>
            {
                using var digest = new DigestingStream(tar);
                return Add(
                    name,
                    source,
                    unpack =>
                    {
                        unpack.Unpack(digest, whiteouts: false, below: null, ct);
                        return digest.Finish();
                    });
            },
            ct);
    }

    /// <summary>Forgets a name, and removes the tree when no other name has it.</summary>
    /// <exception cref="SandboxException">There is none, or its tree cannot be removed.</exception>
    public async Task RemoveAsync(string name, CancellationToken ct)
    {
        var image = Find(name);
        File.Delete(NameFile(name));
        if (List().Any(other => other.Digest == image.Digest))
        {
            return;
        }

        await FolderRemoval.RemoveAsync(image.Rootfs, ct);
    }

    /// <summary>Names a tree that is there already.</summary>
    internal SandboxImage? TryAdd(string name, string source, string digest) => Directory.Exists(Tree(digest))
        ? Save(new SandboxImage(name, digest, source, settings.Clock.GetUtcNow(), List().FirstOrDefault(image => image.Digest == digest)?.Bytes ?? 0))
        : null;

    /// <summary>Unpacks beside and puts the tree in its place in one step.</summary>
    /// <param name="unpack">Fills the tree and gives its digest.</param>
    internal SandboxImage Add(string name, string source, Func<TarUnpack, string> unpack)
    {
        Directory.CreateDirectory(_folder, (UnixFileMode)0x1C0);
        var fresh = Tree($".new-{Guid.NewGuid():N}");
        Directory.CreateDirectory(fresh, (UnixFileMode)0x1ED);
        try
        {
            using var tree = new SandboxTree(HostFolder.Open(fresh, pathOnly: true), UserNumbers.Shift);
            UserNumbers.Own(fresh, 0);
            var work = new TarUnpack(tree, (user, group) => (UserNumbers.OnDisk(user), UserNumbers.OnDisk(group)), Limits);
            var digest = unpack(work);
            if (!Directory.Exists(Tree(digest)))
            {
                Directory.Move(fresh, Tree(digest));
            }

            return Save(new SandboxImage(name, digest, source, settings.Clock.GetUtcNow(), work.Done.Bytes));
        }
        finally
        {
            if (Directory.Exists(fresh))
            {
                Directory.Delete(fresh, recursive: true);
            }
        }
    }

    /// <summary>A folder for unpacking archives on the way.</summary>
    internal string Scratch() => Directory.CreateDirectory(Path.Combine(_folder, $".scratch-{Guid.NewGuid():N}"), (UnixFileMode)0x1C0).FullName;

    internal static void CheckName(string name)
    {
        if (!ValidName().IsMatch(name))
        {
            throw new SandboxException($"'{name}' cannot name an image: lower-case letters, digits, hyphens and dots, at most 64.");
        }
    }

    private string Names => Path.Combine(_folder, "names");

    private string NameFile(string name) => Path.Combine(Names, $"{name}.json");

    private string Tree(string digest) => Path.Combine(_folder, digest);

    private string Known() => List() is { Count: > 0 } all ? string.Join(", ", all.Select(image => image.Name)) : "none yet";

    private SandboxImage Load(string file)
    {
        var image = JsonSerializer.Deserialize(File.ReadAllBytes(file), ImageJson.Default.SandboxImage) ?? throw new SandboxException($"{file} is empty.");
        return image with { Rootfs = Tree(image.Digest) };
    }

    private SandboxImage Save(SandboxImage image)
    {
        Directory.CreateDirectory(Names, (UnixFileMode)0x1C0);
        var fresh = $"{NameFile(image.Name)}.{Guid.NewGuid():N}";
        File.WriteAllBytes(fresh, JsonSerializer.SerializeToUtf8Bytes(image, ImageJson.Default.SandboxImage));
        File.Move(fresh, NameFile(image.Name), overwrite: true);
        return image with { Rootfs = Tree(image.Digest) };
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{0,63}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ValidName();
}
