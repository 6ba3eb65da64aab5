using System.Text.Json;
using Belljar.Hosting;

namespace Belljar.Decoys.Presence;

/// <summary><c>run/decoys.json</c>: how the decoys of the running worker stand, for every other process to read.</summary>
internal sealed class DecoyListFile(BelljarPaths paths)
{
    private const int LargestFile = 16 << 20;

    private string File => Path.Combine(paths.Run, "decoys.json");

    public void Write(IEnumerable<DeployedDecoy> decoys)
    {
        Directory.CreateDirectory(paths.Run);
        var listing = new DecoyListing(Environment.ProcessId, [.. decoys.Select(Status)]);
        var half = File + ".new";
        System.IO.File.WriteAllBytes(half, JsonSerializer.SerializeToUtf8Bytes(listing, DecoysJson.Default.DecoyListing));
        System.IO.File.Move(half, File, overwrite: true);
    }

    public void Delete() => System.IO.File.Delete(File);

    /// <returns>Nothing when no living worker wrote it.</returns>
    public IReadOnlyList<DecoyStatus> Read()
    {
        try
        {
            using var file = System.IO.File.OpenRead(File);
            if (file.Length > LargestFile)
            {
                return [];
            }

            var listing = JsonSerializer.Deserialize(file, DecoysJson.Default.DecoyListing);
            return listing is not null && Directory.Exists($"/proc/{listing.Pid}") ? listing.Decoys : [];
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return [];
        }
    }

    private static DecoyStatus Status(DeployedDecoy decoy) => new(
        decoy.Name, decoy.State ?? "stopped", decoy.State is "degraded" ? decoy.Reason : null, decoy.Addresses, [.. decoy.Services.Select(Status)]);

    private static DecoyServiceStatus Status(DeployedService service) => new(
        service.Id,
        service.Transport.ToString().ToLowerInvariant(),
        (service.Listener?.Endpoint ?? service.Wanted).ToString(),
        service.Server.Product,
        service.Server.Version);
}
