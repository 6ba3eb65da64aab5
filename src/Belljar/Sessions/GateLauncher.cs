using System.Text;
using Belljar.Bottles.Sessions;
using Belljar.Home;
using Belljar.Hosting;
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
        _uid = LeastPrivilege.IsRoot ? GateUid.Take(UidLocks) : null;
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
            },
            WorkingDirectory = "/",
            Error = ChildStream.From(_log),
        };
        return new GateLaunch(_uid is null ? spec : Unprivileged(_uid.Uid).Wrap(spec), Encoding.UTF8.GetBytes(plan.Gate.GetRawText()));
    }

    public void Dispose()
    {
        _uid?.Dispose();
        _log?.Dispose();
    }

    private LeastPrivilege Unprivileged(int uid) =>
        new(new LocalUser(uid, ServiceIdentity.EventProducers), [.. OwnProgram.Folders, _paths.Run, _paths.Spool]);
}
