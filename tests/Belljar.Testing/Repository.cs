namespace Belljar.Testing;

/// <summary>Finds the checkout that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Whether somebody else could run what was built here: every folder above it lets others pass.</summary>
    public static bool IsOpenToOthers()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Belljar.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("These tests run from inside a checkout: no Belljar.slnx above " + AppContext.BaseDirectory);
    }
}
