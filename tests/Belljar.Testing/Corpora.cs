using System.Diagnostics.CodeAnalysis;

namespace Belljar.Testing;

/// <summary>
/// Public conformance data, which is not part of this repository: <c>$BELLJAR_CORPORA</c>, else <c>shared/corpora</c>
/// beside the checkout.
/// </summary>
public static class Corpora
{
    /// <summary>The folder of one corpus; the test that asks is skipped, with the reason, where it is absent.</summary>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "Tests have no Hosting to ask.")]
    public static string Folder(string name)
    {
        var root = Environment.GetEnvironmentVariable("BELLJAR_CORPORA")
            ?? System.IO.Path.Combine(Repository.Root, "..", "shared", "corpora");
        var folder = System.IO.Path.GetFullPath(System.IO.Path.Combine(root, name));
        Assert.SkipUnless(Directory.Exists(folder), $"corpus '{name}' not found; set BELLJAR_CORPORA to the folder that holds it");
        return folder;
    }
}
