using Belljar.Contracts;
using Belljar.Egress;
using Belljar.Egress.Certificates;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Hosting;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sessions;

/// <summary>What a session's gate is trusted with, gathered once at launch, where the operator's own environment and files are.</summary>
internal static class GateSecretsSource
{
    private const int LongestFile = 1 << 20;
    private const int LongestValue = 8192;
    private const int MostKnown = 64;
    private static readonly TimeSpan CommandTime = TimeSpan.FromSeconds(30);

    /// <summary>A variable whose name holds one of these says that its value is a secret.</summary>
    private static readonly string[] SecretWords = ["TOKEN", "KEY", "SECRET", "PASS", "AUTH", "CREDENTIAL"];

    /// <param name="shown">Values that the bottle shows inside on purpose: they are no secrets of the operator's.</param>
    /// <param name="former">Of the same session: its authority and placeholders stay.</param>
    /// <exception cref="OperatorException">Something that the bottle names is not there; all of it is named, no value is.</exception>
    public static async Task<GateSecrets> ReadAsync(
        string bottle, EgressOptions egress, SessionSlug slug, IReadOnlyCollection<string> shown, GateSecrets? former, CancellationToken ct)
    {
        var missing = new List<string>();
        var authorities = egress.UpstreamCa.Select(file => Authority(file, missing)).ToList();
        var credentials = new List<Credential>();
        foreach (var reference in egress.Routes.Select(route => route.Auth?.Value).OfType<CredentialReference>().DistinctBy(reference => reference.Name))
        {
            var value = await ValueAsync(reference, ct);
            if (Problem(value) is { } problem)
            {
                missing.Add($"  egress: {reference.Name}: {problem}");
                continue;
            }

            var placeholder = former?.Credentials.FirstOrDefault(known => known.Reference == reference.Name)?.Placeholder;
            credentials.Add(new Credential(reference.Name, value!, placeholder ?? Placeholder.For(value!)));
        }

        return missing.Count > 0
            ? throw new OperatorException($"the bottle '{bottle}' cannot be started:\n{string.Join('\n', missing)}")
            : new GateSecrets(former?.Authority ?? SessionAuthority.Create(slug, TimeProvider.System), authorities, credentials, Known(credentials, shown));
    }

    /// <summary>What stands inside for the credentials that are named by a variable: that variable, with a placeholder.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Placeholders(EgressOptions egress, GateSecrets secrets) =>
        egress.Routes.Select(route => route.Auth?.Value).OfType<CredentialReference>()
            .Where(reference => reference.Kind == CredentialReference.Variable)
            .DistinctBy(reference => reference.Name)
            .Select(reference => KeyValuePair.Create(reference.Words[0], secrets.Credentials.Single(credential => credential.Reference == reference.Name).Placeholder));

    private static async Task<string?> ValueAsync(CredentialReference reference, CancellationToken ct) => reference.Kind switch
    {
        CredentialReference.Variable => ProcessEnvironment.Get(reference.Words[0]),
        CredentialReference.File => FromFile(reference.Words[0]),
        _ => await FromCommandAsync(reference.Words, ct),
    };

    private static string? FromFile(string file)
    {
        try
        {
            return new FileInfo(file).Length <= LongestFile ? File.ReadAllText(file).TrimEnd('\r', '\n') : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<string?> FromCommandAsync(IReadOnlyList<string> words, CancellationToken ct)
    {
        try
        {
            var result = await ChildProcess.RunAsync(
                new ChildSpec(words) { Environment = ProcessEnvironment.All() }, new RunLimits { Timeout = CommandTime }, ct);
            return result.Succeeded ? result.OutputText.TrimEnd('\r', '\n') : null;
        }
        catch (IOException)
        {
            return null; // There is no such program.
        }
    }

    /// <returns>Why it cannot be used, without repeating it; null when it can.</returns>
    private static string? Problem(string? value) => value switch
    {
        null or "" => "it is not set, is empty, or cannot be read",
        { Length: > LongestValue } => "it is too long for a credential",
        _ when value.Any(c => c is <= ' ' or >= '\u007f') => "it holds white space, control characters or characters beyond ASCII",
        _ => null,
    };

    private static List<KnownSecret> Known(List<Credential> credentials, IReadOnlyCollection<string> shown)
    {
        var injected = credentials.Select(credential => credential.Value).ToHashSet();
        return [.. ProcessEnvironment.All()
            .Where(variable => SecretWords.Any(word => variable.Key.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Where(variable => variable.Value.Length is >= 8 and <= LongestValue && !variable.Value.StartsWith('/'))
            .Where(variable => !injected.Contains(variable.Value) && !shown.Contains(variable.Value))
            .OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Take(MostKnown)
            .Select(variable => new KnownSecret(variable.Key, variable.Value))];
    }

    private static string Authority(string file, List<string> missing)
    {
        try
        {
            var pem = new FileInfo(file).Length <= LongestFile ? File.ReadAllText(file) : "";
            if (pem.Contains("-----BEGIN CERTIFICATE-----"))
            {
                return pem;
            }

            missing.Add($"  egress.upstream_ca: {file} holds no certificates in PEM");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            missing.Add($"  egress.upstream_ca: {error.Message}");
        }

        return "";
    }
}
