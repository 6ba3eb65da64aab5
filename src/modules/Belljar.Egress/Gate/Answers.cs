using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Belljar.Egress.Policy;
using Belljar.Protocols.Http1;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Gate;

/// <summary>The gate's own answers: short JSON that says what was refused, by which rule, and what to do next.</summary>
internal static class Answers
{
    /// <summary>The host that is the gate itself.</summary>
    public const string InternalHost = "belljar.internal";

    public static GateAnswer Denied(Exchange exchange) => new(
        "egress_denied", exchange.Host, exchange.Port, exchange.Decision.Rule, exchange.Decision.Reason, Next(exchange.Decision.Rule));

    public static GateAnswer Malformed(Http1Refusal refusal) => new(
        "malformed_request", null, null, $"malformed:{refusal}", refusal.Describe(), "Send one unambiguous HTTP/1.1 request; the connection is closed.");

    public static GateAnswer Malformed(Http2Refusal refusal) => new(
        "malformed_request", null, null, $"malformed:{refusal}", refusal.Describe(), "Send one well-formed HTTP/2 request, or HTTP/1.1.");

    public static GateAnswer NotAProxyRequest() => new(
        "malformed_request", null, null, "proxy-only", "this is an HTTP proxy and the request has no absolute target",
        $"Use it as HTTP_PROXY and HTTPS_PROXY; http://{InternalHost}/routes lists what is allowed.");

    public static GateAnswer Failed(Exchange exchange) => new(
        "upstream_failed", exchange.Host, exchange.Port, exchange.Decision.Rule, exchange.Failure ?? "the upstream failed",
        "The gate allows this request, the host did not answer it. Try again later.");

    public static GateAnswer Busy() => new(
        "gate_busy", null, null, "connections", "too many connections are open", "Close some connections and try again.");

    public static GateAnswer NotFound() => new(
        "not_found", InternalHost, null, "internal", "there is nothing here", $"GET http://{InternalHost}/routes lists what is allowed.");

    public static RouteList Routes(EgressOptions options) => new(options.Mode, [.. options.Routes.Select(Entry)])
    {
        Forwards = options.Forwards.Count == 0 ? null : [.. options.Forwards.Select(forward => new ForwardListEntry(forward.Listen, forward.To))],
    };

    /// <summary>Writes a whole response.</summary>
    public static void Write<T>(IBufferWriter<byte> output, int status, T body, JsonTypeInfo<T> type, bool isHead, bool close)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(body, type);
        HeadWriter.StatusLine(output, status, ReasonOf(status));
        HeadWriter.Field(output, "Content-Type"u8, "application/json"u8);
        HeadWriter.Field(output, "Content-Length"u8, json.Length.ToString(CultureInfo.InvariantCulture));
        HeadWriter.Field(output, "Cache-Control"u8, "no-store"u8);
        if (close)
        {
            HeadWriter.Field(output, "Connection"u8, "close"u8);
        }

        HeadWriter.End(output);
        output.Write(isHead ? [] : json);
    }

    private static RouteListEntry Entry(EgressRoute route) => new(
        route.Host, route.Ports.Count > 0 ? route.Ports : [80, 443], route.Methods, route.PathAllowlist)
    {
        Tls = route.Tls,
        Auth = route.Auth?.Scheme.ToString().ToLowerInvariant(),
    };

    private static string Next(string rule) => rule switch
    {
        "port-22" => "Use the git gate for SSH remotes; other SSH is not available here.",
        "host-spelling" => "Write the host as a plain name or address, in lower case and without a trailing dot.",
        "git-push" => "Push through the git gate: a remote that the operator has configured is rewritten to it by itself. Ask the operator to add the repository (git-gate.repos).",
        "max-body" => "Send less in one request, or ask the operator to raise max_body of the route.",
        "budget" => "This session has sent what it may send there. Ask the operator to raise the budget.",
        "encoding" => "Send the body without a Content-Encoding, or with gzip, deflate, br or zstd.",
        "auth-needs-tls" => "Use https for this host.",
        "planted-value" => "Do not send this value: it is a placeholder that works only where the gate replaces it.",
        "known-secret" => "Do not send this value. The gate adds credentials by itself where a route has them.",
        "host-mismatch" => "Open a connection of its own for each host.",
        "https-needs-connect" => "Use CONNECT for https URLs (set HTTPS_PROXY).",
        _ when rule.StartsWith("address:", StringComparison.Ordinal)
            => "Only the operator can allow an address that is not public (ssrf_ip_allowlist of the route). Do not work around this.",
        _ => $"Do without it, or ask the operator to allow it. http://{InternalHost}/routes lists what is allowed.",
    };

    private static ReadOnlySpan<byte> ReasonOf(int status) => status switch
    {
        200 => "OK"u8,
        400 => "Bad Request"u8,
        403 => "Forbidden"u8,
        404 => "Not Found"u8,
        414 => "URI Too Long"u8,
        417 => "Expectation Failed"u8,
        431 => "Request Header Fields Too Large"u8,
        502 => "Bad Gateway"u8,
        503 => "Service Unavailable"u8,
        505 => "HTTP Version Not Supported"u8,
        _ => ""u8,
    };
}
