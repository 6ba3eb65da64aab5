using System.Text;
using Belljar.Bottles.Sessions;
using Belljar.Home;
using Belljar.Hosting;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Privileges;
using Belljar.Sandboxes.Processes;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sessions;

/// <summary>
/// Starts gates: this program again, without privileges. Started by root, a gate has a user number that no other live
/// session has, so that one session's gate cannot touch another's; the number is held for as long as this lives.
/// </summary>
internal sealed class GateLauncher : IDisposable
{
    /// <summary>One folder for the whole machine: the numbers are the machine's.</summary>
    private const string UidLocks = "/run/belljar/uids";

    private readonly BelljarPaths _paths;
    private readonly GateUid? _uid;
    private SafeFileHandle? _log;

    public GateLauncher(BelljarPaths paths)
    {
        _paths = paths;
        _uid = ServiceIdentity.IsRealRoot ? GateUid.Take(UidLocks) : null;
    }

    public GateLaunch For(SessionPlan plan, SessionFolder folder)
    {
        _log ??= File.OpenHandle(folder.GateLog, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        var spec = new ChildSpec([.. OwnProgram.Command, "gate"])
        {
            Environment = new Dictionary<string, string>
            {
                ["PATH"] = ProgramPath.Default,
                ["HOME"] = "/nonexistent",
                ["BELLJAR_HOME"] = _paths.Home,

                // A gate is small: it needs no diagnostics socket in /tmp.
                ["DOTNET_EnableDiagnostics"] = "0",

                // Nor the tables of the world's languages: what it compares is ASCII.
                ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1",
            },
            WorkingDirectory = "/",
            Error = ChildStream.From(_log),
        };
        return new GateLaunch(Unprivileged(spec), Encoding.UTF8.GetBytes(plan.Gate.GetRawText()));
    }

    public void Dispose()
    {
        _uid?.Dispose();
        _log?.Dispose();
    }

    private ChildSpec Unprivileged(ChildSpec spec)
    {
        if (_uid is not null)
        {
            var user = new LocalUser(_uid.Uid, ServiceIdentity.EventProducers);
            return new LeastPrivilege(user, [.. OwnProgram.Folders, _paths.Run, _paths.Spool]).Wrap(spec);
        }

        // Root of a user's own namespace is that user outside; here he loses what being root of it is worth.
        return Rootless.IsEntered ? new LeastPrivilege(new LocalUser(0, 0), []).Wrap(spec) : spec;
    }
}
