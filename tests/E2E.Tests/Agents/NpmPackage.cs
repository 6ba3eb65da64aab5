using System.Diagnostics.CodeAnalysis;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace E2E.Tests.Agents;

/// <summary>
/// A program or library of npm's, in exactly this version, got once and kept below <c>artifacts/npm</c>. Nothing that it brings is run
/// when it is installed.
/// </summary>
internal sealed record NpmPackage(string Name, string Version)
{
    /// <summary>Holds <c>node_modules</c>.</summary>
    private string Folder => Path.Combine(Repository.Root, "artifacts", "npm", $"{Name.TrimStart('@').Replace('/', '-')}-{Version}");

    /// <returns>The path of <c>node_modules</c>. The test is skipped, with the reason, where it cannot be had.</returns>
    public async Task<string> ModulesAsync()
    {
        var modules = Path.Combine(Folder, "node_modules");
        if (!Directory.Exists(modules))
        {
            await InstallAsync();
        }

        return modules;
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "npm's own configuration says where packages come from.")]
    private async Task InstallAsync()
    {
        Clients.Need("npm");
        var staged = $"{Folder}.{Guid.NewGuid():N}";
        Directory.CreateDirectory(staged);
        try
        {
            var result = await ChildProcess.RunAsync(
                new ChildSpec("npm", "install", "--no-save", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--prefix", staged, $"{Name}@{Version}")
                {
                    Environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!),
                    WorkingDirectory = staged,
                },
                new RunLimits { Timeout = TimeSpan.FromMinutes(3) },
                CancellationToken.None);
            Assert.SkipUnless(result.Succeeded, $"npm cannot get {Name} {Version}: {result.ErrorText.Trim()}");

            // Whole or not at all, also when two test runs get it at the same time.
            if (!Directory.Exists(Folder))
            {
                Directory.Move(staged, Folder);
            }
        }
        finally
        {
            if (Directory.Exists(staged))
            {
                Directory.Delete(staged, recursive: true);
            }
        }
    }
}
