using Belljar.Contracts.Wire;
using Belljar.Hosting;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Privileges;
using Belljar.Sandboxes.Processes;
using Belljar.Sessions;

namespace Belljar.Home;

/// <summary>
/// As whom the workers run. Hostile bytes are parsed without privileges: started by root, this process becomes one of the
/// service user, whose only privilege is to bind ports below 1024.
/// </summary>
internal static class ServiceIdentity
{
    /// <summary>Whoever may hand in events: the service user and gates. In the range that systemd keeps for numbers without a name.</summary>
    public const int EventProducers = 61_941;

    private const UnixFileMode PassThrough = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Producers add folders of their own here, and remove nobody else's.</summary>
    private const UnixFileMode SharedByProducers = OwnerAll | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.SetGroup | UnixFileMode.StickyBit;

    /// <summary>Root of the machine, and not of a user's own namespace.</summary>
    public static bool IsRealRoot => LeastPrivilege.IsRoot && !Rootless.IsEntered;

    /// <summary>The group of <c>ingest.sock</c>; null where one user is everybody.</summary>
    public static int? IngestGroup => !LeastPrivilege.IsRoot && PeerCredentials.OwnUid == ServiceUser.Find().Uid ? EventProducers : null;

    /// <summary>Run by root: hands the home over to the service user and goes on as that user, which does not return. Else nothing.</summary>
    public static void BecomeServiceUser(BelljarPaths paths)
    {
        if (!IsRealRoot)
        {
            return;
        }

        PrepareHome(paths);
        var environment = new Dictionary<string, string>(ProcessEnvironment.All()) { ["BELLJAR_HOME"] = paths.Home, ["HOME"] = paths.Home };
        var service = ServiceUser.Find();
        new LeastPrivilege(service with { Groups = [EventProducers] }, [.. OwnProgram.Folders, paths.Home], "net_bind_service")
            .Exec([.. OwnProgram.Command, .. Environment.GetCommandLineArgs()[1..]], environment);
    }

    /// <summary>Run by root: gives the service user what is his, once; gates may pass through to the recorder's socket and the spool.</summary>
    public static void PrepareHome(BelljarPaths paths)
    {
        if (!IsRealRoot)
        {
            return;
        }

        var service = ServiceUser.Find();
        var owner = $"{service.Uid}:{service.Gid}";
        Chown($"0:{service.Gid}", [paths.ConfigurationFile, Path.Combine(paths.Home, "decoys.yaml")], recursive: false);

        // What he owns already he may have filled with links: it is given as a whole only while it is still root's.
        var data = new[] { paths.State, paths.Run }.Where(folder => FileOwner.Of(folder) == 0).ToList();
        Chown(owner, data, recursive: true);
        Chown("0:0", [paths.Sessions], recursive: data.Count > 0);
        Chown($"{service.Uid}:{EventProducers}", [paths.Spool], recursive: data.Count > 0);
        foreach (var folder in new[] { paths.Home, paths.State, paths.Run, paths.Sessions })
        {
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | PassThrough);
        }

        File.SetUnixFileMode(paths.Spool, SharedByProducers);
    }

    private static void Chown(string owner, IReadOnlyList<string> paths, bool recursive)
    {
        var existing = paths.Where(Path.Exists).ToList();
        if (existing.Count == 0)
        {
            return;
        }

        string[] options = recursive ? ["-R", "-h"] : ["-h"];
        var result = ChildProcess.RunAsync(new ChildSpec(["chown", .. options, owner, "--", .. existing]), RunLimits.Default, CancellationToken.None).GetAwaiter().GetResult();
        if (!result.Succeeded)
        {
            throw new OperatorException($"the home could not be handed to the service user: {result.ErrorText.Trim()}");
        }
    }
}
