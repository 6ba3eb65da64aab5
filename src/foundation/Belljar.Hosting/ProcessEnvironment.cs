using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Belljar.Hosting;

/// <summary>The one place that reads environment variables. Everybody else is given what he needs.</summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "This is the one place.")]
public static class ProcessEnvironment
{
    public static string? Get(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>All variables, for handing to a child or for reading <c>BELLJAR__…</c> settings.</summary>
    public static IReadOnlyDictionary<string, string> All()
    {
        var all = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            all[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        return all;
    }
}
