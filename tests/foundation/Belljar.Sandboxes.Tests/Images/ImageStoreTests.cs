using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Belljar.Sandboxes.Images;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Images;

public sealed class ImageStoreTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();

    private ImageStore Store => new(new SandboxSettings { StateFolder = _folder["state"] });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Import_OfADockerSave_AppliesLayersAndWhiteouts()
    {
        var first = Layer(Folder("usr/"), Folder("etc/"), Text("etc/a", "a"), Text("etc/b", "b"), Folder("opt/"), Text("opt/old", "x"));
        var second = Layer(Text("etc/.wh.a", ""), Text("etc/b", "changed"), Text("opt/.wh..wh..opq", ""), Text("opt/new", "y"), Link("etc/link", "/etc/b"));
        var config = "{\"architecture\":\"amd64\"}"u8.ToArray();
        await WriteTarAsync(
            _folder["save.tar"],
            ("manifest.json", Encoding.UTF8.GetBytes("[{\"Config\":\"c.json\",\"RepoTags\":null,\"Layers\":[\"1/layer.tar\",\"2/layer.tar\"]}]")),
            ("c.json", config), ("1/layer.tar", first), ("2/layer.tar", Gzip(second)));

        var image = await Store.ImportAsync("saved", _folder["save.tar"], Ct);

        Assert.Equal(Hex(config), image.Digest);
        Assert.False(File.Exists($"{image.Rootfs}/etc/a"));
        Assert.Equal("changed", await File.ReadAllTextAsync($"{image.Rootfs}/etc/b", Ct));
        Assert.Equal(["new"], Directory.GetFiles($"{image.Rootfs}/opt").Select(Path.GetFileName));
        Assert.Equal("/etc/b", new FileInfo($"{image.Rootfs}/etc/link").LinkTarget);
        Assert.Equal("saved", Assert.Single(Store.List()).Name);
    }

    [Fact]
    public async Task Import_OfAnOciLayout_ChecksEveryBlob()
    {
        var layer = Layer(Folder("usr/"), Text("usr/x", "x"));
        var manifest = Encoding.UTF8.GetBytes($"{{\"layers\":[{{\"digest\":\"sha256:{Hex(layer)}\",\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\"}}]}}");
        var index = Encoding.UTF8.GetBytes($"{{\"manifests\":[{{\"digest\":\"sha256:{Hex(manifest)}\"}}]}}");
        var blobs = _folder["oci/blobs/sha256"];
        Directory.CreateDirectory(blobs);
        await File.WriteAllTextAsync(_folder["oci/oci-layout"], "{}", Ct);
        await File.WriteAllBytesAsync(_folder["oci/index.json"], index, Ct);
        await File.WriteAllBytesAsync($"{blobs}/{Hex(manifest)}", manifest, Ct);
        await File.WriteAllBytesAsync($"{blobs}/{Hex(layer)}", layer, Ct);

        var image = await Store.ImportAsync("layout", _folder["oci"], Ct);
        await File.WriteAllBytesAsync($"{blobs}/{Hex(layer)}", [.. layer, 0], Ct);
        var damaged = await Assert.ThrowsAsync<SandboxException>(() => Store.ImportAsync("damaged", _folder["oci"], Ct));

        Assert.Equal(Hex(manifest), image.Digest);
        Assert.Equal("x", await File.ReadAllTextAsync($"{image.Rootfs}/usr/x", Ct));
        Assert.Contains("damaged", damaged.Message);
    }

    [Fact]
    public async Task Import_OfATarOfATree_IsCachedByDigest()
    {
        await File.WriteAllBytesAsync(_folder["tree.tar"], Layer(Folder("usr/"), Text("usr/x", "x")), Ct);

        var one = await Store.ImportAsync("one", _folder["tree.tar"], Ct);
        var two = await Store.ImportAsync("two", _folder["tree.tar"], Ct);
        await Store.RemoveAsync("one", Ct);

        Assert.Equal(one.Rootfs, two.Rootfs);
        Assert.True(File.Exists($"{two.Rootfs}/usr/x"));
        await Store.RemoveAsync("two", Ct);
        Assert.False(Directory.Exists(two.Rootfs));
        Assert.Contains("Known: none yet", (await Assert.ThrowsAsync<SandboxException>(() => Store.RemoveAsync("two", Ct))).Message);
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("/usr/../../up")]
    public async Task Import_WithANameThatLeadsOut_IsRefusedAsAWhole(string name)
    {
        await File.WriteAllBytesAsync(_folder["bad.tar"], Layer(Folder("usr/"), Text(name, "x")), Ct);

        await Assert.ThrowsAsync<SandboxException>(() => Store.ImportAsync("bad", _folder["bad.tar"], Ct));

        Assert.Empty(Store.List());
        Assert.DoesNotContain(Directory.GetDirectories(_folder["state/.images"]), path => !path.EndsWith("names", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_ThroughPlantedLinks_StaysInTheTree()
    {
        Directory.CreateDirectory(_folder["victim"]);
        await File.WriteAllTextAsync(_folder["victim/file"], "host", Ct);
        await File.WriteAllBytesAsync(
            _folder["bad.tar"], Layer(Folder("usr/"), Link("out", _folder["victim"]), Text("out/file", "owned"), Text("out/more", "owned")), Ct);
        await File.WriteAllBytesAsync(_folder["up.tar"], Layer(Folder("usr/"), Link("up", "../../../../.."), Text("up/etc/belljar-escape", "x")), Ct);

        await Assert.ThrowsAsync<SandboxException>(() => Store.ImportAsync("out", _folder["bad.tar"], Ct));
        var image = await Store.ImportAsync("links", _folder["up.tar"], Ct);

        Assert.Equal("host", await File.ReadAllTextAsync(_folder["victim/file"], Ct));
        Assert.False(File.Exists(_folder["victim/more"]));
        Assert.False(File.Exists("/etc/belljar-escape"));
        Assert.Equal("x", await File.ReadAllTextAsync($"{image.Rootfs}/etc/belljar-escape", Ct));
    }

    [Fact]
    public async Task Import_OfAHardLinkOutside_IsRefused()
    {
        await File.WriteAllBytesAsync(_folder["bad.tar"], Layer(Folder("usr/"), new PaxTarEntry(TarEntryType.HardLink, "usr/shadow") { LinkName = "/etc/shadow" }), Ct);

        await Assert.ThrowsAsync<SandboxException>(() => Store.ImportAsync("bad", _folder["bad.tar"], Ct));
    }

    [Fact]
    public async Task Import_OfBytesCutAnywhere_IsRefusedOrWhole()
    {
        var whole = Layer(Folder("usr/"), Text("usr/x", new string('x', 700)), Text("usr/y", "y"));
        for (var length = 1; length < whole.Length; length += 97)
        {
            await File.WriteAllBytesAsync(_folder["cut.tar"], whole[..length], Ct);
            try
            {
                await Store.ImportAsync("cut", _folder["cut.tar"], Ct);
            }
            catch (SandboxException)
            {
                // Said so: what counts is that nothing else is thrown.
            }
        }

        Assert.DoesNotContain(Directory.GetDirectories(_folder["state/.images"]), path => Path.GetFileName(path).StartsWith(".new", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_OfSomethingElse_SaysWhatItTakes()
    {
        Directory.CreateDirectory(_folder["empty"]);
        await File.WriteAllBytesAsync(_folder["zstd"], [0x28, 0xB5, 0x2F, 0xFD, 0, 0], Ct);

        Assert.Contains("neither", (await Assert.ThrowsAsync<SandboxException>(() => Store.ImportAsync("x", _folder["empty"], Ct))).Message);
        Assert.Contains("zstd -d", (await Assert.ThrowsAsync<SandboxException>(() => Store.ImportAsync("x", _folder["zstd"], Ct))).Message);
        Assert.Contains("cannot name", (await Assert.ThrowsAsync<SandboxException>(() => Store.ImportAsync("../x", _folder["empty"], Ct))).Message);
    }

    private static PaxTarEntry Folder(string name) => new(TarEntryType.Directory, name) { Mode = (UnixFileMode)0x1ED };

    private static PaxTarEntry Text(string name, string text) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)0x1A4 };

    private static PaxTarEntry Link(string name, string target) => new(TarEntryType.SymbolicLink, name) { LinkName = target };

    private static byte[] Layer(params PaxTarEntry[] entries)
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return bytes.ToArray();
    }

    private static async Task WriteTarAsync(string path, params (string Name, byte[] Content)[] files)
    {
        await using var file = File.Create(path);
        await using var writer = new TarWriter(file);
        foreach (var (name, content) in files)
        {
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) }, Ct);
        }
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
