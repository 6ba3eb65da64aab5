using Belljar.Hosting;
using Belljar.Sandboxes;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sessions;

/// <summary>
/// Where sandboxes of a user who is not root are made and reached: in a user namespace of his own, the same one for all
/// that this home starts, so that a later command has a say over an earlier one's sandboxes.
/// </summary>
internal static class OwnNamespace
{
    /// <summary>Starts this program again in there, with the same arguments, and does not return; root, and who is in there already, goes on.</summary>
    /// <remarks>What is missing for it is not an error yet: the docker backend may do.</remarks>
    public static async Task EnterAsync(BelljarPaths paths, CancellationToken ct)
    {
        if (Rootless.IsNeeded && Rootless.Problem(Environment.UserName, Rootless.UserId) is null)
        {
            string[] command = [.. OwnProgram.Command, .. Environment.GetCommandLineArgs()[1..]];
            ProcessReplacement.Exec(await CommandAsync(paths, command, ct), ProcessEnvironment.All());
        }
    }

    /// <summary>The command as it is to be started: in there, or as it is when root starts it.</summary>
    /// <exception cref="OperatorException">The kernel or its tools make no such namespace for this user.</exception>
    public static async Task<IReadOnlyList<string>> CommandAsync(BelljarPaths paths, IReadOnlyList<string> command, CancellationToken ct)
    {
        try
        {
            return Rootless.IsNeeded ? await Rootless.EnteringAsync(paths.State, command, ct) : command;
        }
        catch (SandboxException refused)
        {
            throw new OperatorException(refused.Message);
        }
    }
}
