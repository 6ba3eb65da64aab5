using Belljar.Protocols.Http1;

namespace Belljar.Egress.Policy;

/// <summary>Knows a git push over HTTPS by its service, in whatever spelling a server would understand.</summary>
internal static class GitPush
{
    private const string Service = "git-receive-pack";

    public static bool Is(RequestPath path) => path.Canonical.EndsWith("/" + Service, StringComparison.OrdinalIgnoreCase)
        || (path.DecodedReadings ?? []).Any(reading => reading.TrimEnd('/').EndsWith("/" + Service, StringComparison.OrdinalIgnoreCase))
        || Uri.UnescapeDataString(path.Query).Contains("service=" + Service, StringComparison.OrdinalIgnoreCase);
}
