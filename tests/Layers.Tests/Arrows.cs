namespace Layers.Tests;

/// <summary>Which arrows may be drawn, and why the others may not. docs/ARCHITECTURE.md says it in prose.</summary>
internal static class Arrows
{
    /// <summary>Inside foundation every arrow is named here, with what it is for.</summary>
    private static readonly Dictionary<string, string[]> Foundation = new()
    {
        ["Belljar.Contracts"] = [],
        ["Belljar.Mime"] = [],
        ["Belljar.Toml"] = [],
        ["Belljar.Detection"] = ["Belljar.Toml"],
        ["Belljar.Protocols"] = ["Belljar.Mime"],
        ["Belljar.Net"] = ["Belljar.Contracts", "Belljar.Protocols"],
        ["Belljar.Bus"] = ["Belljar.Contracts"],
        ["Belljar.Store"] = ["Belljar.Contracts"],
        ["Belljar.Sandboxes"] = ["Belljar.Contracts"],
        ["Belljar.Manifest"] = ["Belljar.Contracts"],
        ["Belljar.Hosting"] = ["Belljar.Bus", "Belljar.Contracts", "Belljar.Manifest"],
    };

    /// <summary>Packages belong to the project that stands between them and everybody else.</summary>
    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["Microsoft.Data.Sqlite"] = ["Belljar.Store"],
        ["SQLitePCLRaw.bundle_e_sqlite3"] = ["Belljar.Store"],
        ["ModelContextProtocol.Core"] = ["Belljar.Mcp", "Belljar.Mcp.Tests"],
        ["Markdig"] = ["Belljar.Mail"],
        ["YamlDotNet"] = ["Belljar.Manifest"],
        ["System.CommandLine"] = ["Belljar"],
    };

    /// <returns>Why this arrow may not be drawn; null when it may.</returns>
    public static string? Forbidden(ProjectFile from, ProjectFile to) => (from.Layer, to.Layer) switch
    {
        ("executable", _) => null,
        (_, "executable") => "the executable sees everything and is seen by nobody",
        ("edges", "edges") => "edges do not know each other; what two of them need belongs below",
        ("edges", _) => null,
        ("modules", "modules") => "modules meet only through events on the bus or an interface in foundation",
        ("modules", "edges") => "arrows point down: a module does not know who shows it",
        ("modules", "foundation") => null,
        ("foundation", not "foundation") => "foundation knows nothing of bottles, mail or decoys",
        ("foundation", "foundation") when !Foundation.TryGetValue(from.Name, out _) =>
            $"{from.Name} is new in foundation: give it a line in {nameof(Arrows)} and in docs/ARCHITECTURE.md first",
        ("foundation", "foundation") when !Foundation[from.Name].Contains(to.Name) =>
            $"inside foundation {from.Name} may reference only: {string.Join(", ", Foundation[from.Name].DefaultIfEmpty("nothing"))}",
        ("foundation", "foundation") => null,
        _ => $"there is no layer '{from.Layer}'",
    };

    /// <returns>Why this project may not use the package; null when it may.</returns>
    public static string? ForbiddenPackage(ProjectFile project, string package)
    {
        if (!Packages.TryGetValue(package, out var users))
        {
            return $"{package} has no line in {nameof(Arrows)}: say there which project stands between it and the rest";
        }

        return users.Contains(project.Name) ? null : $"{package} is used through {string.Join(", ", users)}";
    }
}
