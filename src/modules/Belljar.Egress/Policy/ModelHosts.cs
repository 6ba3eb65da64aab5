namespace Belljar.Egress.Policy;

/// <summary>
/// Where models are. All that an agent reads goes to its model, what was planted for it to find too: denying there would
/// stop honest work, so values are covered instead.
/// </summary>
internal static class ModelHosts
{
    private static readonly string[] Known =
    [
        "api.anthropic.com", "api.openai.com", "chatgpt.com", "generativelanguage.googleapis.com", "api.mistral.ai", "api.groq.com", "api.x.ai",
        "api.deepseek.com", "openrouter.ai", "api.cohere.com",
    ];

    public static RouteScan DefaultScan(string host) => Known.Contains(host) ? RouteScan.Redact : RouteScan.Deny;
}
