using System.Globalization;
using Belljar.Hosting;

namespace Belljar.Home;

/// <summary>What a bug leaves behind for whoever mends it; the operator sees one line.</summary>
internal static class CrashLog
{
    /// <returns>Where the details are.</returns>
    public static string Write(Exception bug)
    {
        var text = $"{TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)} belljar {BelljarVersion.Text}\n{bug}\n\n";
        foreach (var folder in Folders())
        {
            try
            {
                var path = Path.Combine(folder, "crash.log");
                File.AppendAllText(path, text);
                return $"the details are in {path}";
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                // The next folder may do.
            }
        }

        return bug.GetType().Name;
    }

    private static IEnumerable<string> Folders()
    {
        try
        {
            return [BelljarPaths.FromEnvironment().Logs, Path.GetTempPath()];
        }
        catch (OperatorException)
        {
            return [Path.GetTempPath()];
        }
    }
}
