using Belljar.Contracts;
using Belljar.Egress;
using Belljar.Egress.Certificates;
using Belljar.Egress.Policy;
using Belljar.Hosting;

namespace Belljar.Sessions;

/// <summary>What a session's gate is trusted with, gathered once, where the operator's own environment and files are.</summary>
internal static class GateSecretsSource
{
    private const long LongestAuthorities = 1 << 20;

    /// <exception cref="OperatorException">Something that the bottle names is not there; all of it is named.</exception>
    public static GateSecrets Read(string bottle, EgressOptions egress, SessionSlug slug)
    {
        var missing = new List<string>();
        var authorities = egress.UpstreamCa.Select(file => Authority(file, missing)).ToList();
        return missing.Count > 0
            ? throw new OperatorException($"the bottle '{bottle}' cannot be started:\n{string.Join('\n', missing)}")
            : new GateSecrets(SessionAuthority.Create(slug, TimeProvider.System), authorities);
    }

    private static string Authority(string file, List<string> missing)
    {
        try
        {
            var pem = new FileInfo(file).Length <= LongestAuthorities ? File.ReadAllText(file) : "";
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
