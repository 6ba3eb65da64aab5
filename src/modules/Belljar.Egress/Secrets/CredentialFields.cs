using System.Text;

namespace Belljar.Egress.Secrets;

/// <summary>
/// The request fields that carry credentials. They are taken out on every route: an agent that was talked into it must not
/// work with an attacker's account on a host that is allowed.
/// </summary>
internal static class CredentialFields
{
    private static readonly byte[][] Names =
    [
        .. new[]
        {
            "authorization", "proxy-authorization", "cookie", "cookie2", "authentication", "x-authorization", "x-forwarded-authorization",
            "x-api-key", "api-key", "apikey", "x-apikey", "x-goog-api-key", "x-auth-token", "x-auth-key", "x-access-token", "access-token",
            "x-session-token", "x-amz-security-token", "x-goog-iam-authorization-token", "private-token", "job-token", "deploy-token",
            "x-gitlab-token", "x-github-token", "x-gitea-token", "x-vault-token", "x-figma-token", "x-shopify-access-token", "circle-token",
            "dd-api-key", "dd-application-key", "ocp-apim-subscription-key", "x-functions-key", "x-rapidapi-key", "x-subscription-token",
            "x-honeycomb-team", "x-sentry-auth", "x-nuget-apikey", "x-jfrog-art-api", "x-plex-token", "x-consul-token", "x-ms-token-aad-access-token",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    public static bool Contain(ReadOnlySpan<byte> name)
    {
        foreach (var known in Names)
        {
            if (Ascii.EqualsIgnoreCase(name, known))
            {
                return true;
            }
        }

        return false;
    }
}
