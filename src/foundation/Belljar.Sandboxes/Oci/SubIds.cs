using System.Security.Cryptography;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Oci;

/// <summary>
/// Gives each sandbox 65,536 user and group numbers of its own. Chosen at random among some 32,000 ranges, so that
/// two stores of sandboxes on one machine hardly ever meet; within a store a link that leads to the
/// sandbox's name claims each range.
/// </summary>
internal sealed class SubIds(string folder)
{
    private const int Range = 65_536;

    private const int FirstRange = 20; // 1,310,720: above what users, systemd and package managers hand out.
    private const int EndOfRanges = 32_000;
    private const int Tries = 64;

    private static readonly string[] Delegations = ["/etc/subuid", "/etc/subgid"];

    /// <summary>How many numbers a sandbox has.</summary>
    public static int RangeSize => Rootless.IsEntered ? Rootless.Ids : Range;

    public uint Claim(string name)
    {
        if (Rootless.IsEntered)
        {
            return Rootless.FirstId;
        }

        Directory.CreateDirectory(folder);
        for (var i = 0; i < Tries; i++)
        {
            var first = (uint)RandomNumberGenerator.GetInt32(FirstRange, EndOfRanges) * Range;
            if (IsDelegated(first))
            {
                continue;
            }

            try
            {
                File.CreateSymbolicLink(Claimed(first), name); // The name comes to be in the same step as the claim.
                return first;
            }
            catch (IOException) when (new FileInfo(Claimed(first)).LinkTarget is not null)
            {
                // Taken: try another.
            }
        }

        throw new SandboxException($"No free range of user numbers; remove sandboxes that are not needed (claims are in {folder}).");
    }


    /// <summary>Frees what a sandbox claimed whose record is gone.</summary>
    public void FreeOf(string name)
    {
        foreach (var claim in Claims().Where(claim => claim.LinkTarget == name))
        {
            claim.Delete();
        }
    }

    /// <summary>The names of sandboxes that have claimed a range.</summary>
    public IEnumerable<string> Names() => Claims().Select(claim => claim.LinkTarget).OfType<string>();

    /// <summary>The ranges that a sandbox has claimed, by their first number.</summary>
    public IEnumerable<uint> RangesOf(string name) => Claims().Where(claim => claim.LinkTarget == name).Select(claim => uint.Parse(claim.Name));

    private FileInfo[] Claims() => Directory.Exists(folder) ? new DirectoryInfo(folder).GetFiles() : [];

    private string Claimed(uint first) => Path.Combine(folder, first.ToString());

    /// <summary>Whether /etc/subuid or /etc/subgid gives some of the range to a user.</summary>
    private static bool IsDelegated(uint first) => Delegations
        .Where(File.Exists)
        .SelectMany(File.ReadLines)
        .Select(line => line.Split(':'))
        .Where(parts => parts.Length == 3)
        .Any(parts => uint.TryParse(parts[1], out var start)
            && uint.TryParse(parts[2], out var count)
            && start < first + (ulong)Range
            && first < start + (ulong)count);
}
