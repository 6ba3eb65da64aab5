using Belljar.Hosting;

namespace Belljar.Home;

/// <summary>Makes the folders below a home.</summary>
internal static class HomeLayout
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static void Prepare(BelljarPaths paths)
    {
        try
        {
            foreach (var folder in new[] { paths.Home, paths.State, paths.Run, paths.Bottles, paths.Logs, paths.Spool, paths.Sessions })
            {
                if (!Directory.Exists(folder))
                {
                    Directory.CreateDirectory(folder, OwnerOnly);
                }
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"the home {paths.Home} cannot be prepared: {refused.Message} Set BELLJAR_HOME to a folder that you may write to.");
        }
    }
}
