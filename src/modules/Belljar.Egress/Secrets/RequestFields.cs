using System.Buffers;
using System.Text;
using Belljar.Egress.Bodies;
using Belljar.Egress.Policy;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Secrets;

/// <summary>Writes the fields of a request as its route wants them: without the agent's credentials, with the route's own.</summary>
internal static class RequestFields
{
    /// <summary>The target with the route's parameter, where it has one.</summary>
    public static string Target(RequestPath path, RoutePolicy policy) => policy is { Auth: { Scheme: AuthScheme.Query, Param: { } name }, Credential: { } credential }
        ? path.Canonical + QueryParameter.With(path.Query, name, credential.Value)
        : path.PathAndQuery;

    /// <summary>What belongs to this connection only and is meant for the next hop all the same: a WebSocket, without extensions.</summary>
    public static void WriteUpgrade(IBufferWriter<byte> output)
    {
        HeadWriter.Field(output, "Connection"u8, "Upgrade"u8);
        HeadWriter.Field(output, "Upgrade"u8, "websocket"u8);
    }

    /// <param name="withoutExpect">The gate has told the client to go on: nobody else needs to.</param>
    /// <param name="withoutCoding">The body goes on decoded.</param>
    public static void Write(IBufferWriter<byte> output, RequestHead request, RoutePolicy policy, bool withoutExpect, bool withoutCoding)
    {
        foreach (var field in request.Fields)
        {
            if (field.Known is KnownField.Host or KnownField.ContentLength || request.Connection.Drops(field) || policy.Strips(field.Name)
                || (withoutExpect && field.Known is KnownField.Expect) || (withoutCoding && field.IsNamed("content-encoding"u8)) || field.IsNamed("sec-websocket-extensions"u8))
            {
                continue;
            }

            if (policy.Credential is not null && field.IsNamed("accept-encoding"u8))
            {
                HeadWriter.Field(output, field.Name, Narrowed(field.Value, request));
                continue;
            }

            if (policy.Credential is not null && field.IsNamed("grpc-accept-encoding"u8))
            {
                // An echo inside a compressed message would not be found.
                HeadWriter.Field(output, field.Name, "identity"u8);
                continue;
            }

            HeadWriter.Field(output, field.Name, field.Value);
        }

        if (policy is { Auth: { } auth, Credential: { } credential } && auth.Scheme is not AuthScheme.Query)
        {
            HeadWriter.Field(output, Encoding.ASCII.GetBytes(auth.Header ?? "Authorization"), ValueOf(auth, credential.Value));
        }
    }

    private static string ValueOf(RouteAuth auth, string value) => auth.Scheme switch
    {
        AuthScheme.Bearer => $"Bearer {value}",
        AuthScheme.Token => $"token {value}",
        AuthScheme.Basic => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{auth.User}:{value}"))}",
        _ => value,
    };

    /// <summary>
    /// Only codings that can be undone, so that an echo is found. A part of a coded answer cannot be decoded by itself, so
    /// for a range none is accepted.
    /// </summary>
    private static string Narrowed(ReadOnlySpan<byte> accepted, RequestHead request)
    {
        var known = request.Fields.TryGet("range"u8, out _)
            ? []
            : Encoding.ASCII.GetString(accepted).Split(',', StringSplitOptions.TrimEntries)
                .Where(item => ContentDecoder.Knows(item.Split(';')[0].Trim().ToLowerInvariant()));
        return string.Join(", ", known.Append("identity"));
    }
}
