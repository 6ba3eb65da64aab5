using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Belljar.Protocols.Http1;

namespace Belljar.Protocols.WebSocket;

/// <summary>The opening handshake (RFC 6455 §4), seen from between.</summary>
public static class WebSocketHandshake
{
    private static ReadOnlySpan<byte> Suffix => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>Whether a request asks for a WebSocket, in the one way in which that is done.</summary>
    public static bool IsAskedFor(RequestHead head) => head is { Method: "GET", IsHttp10: false, Framing.HasBody: false }
        && head.Connection.Upgrade
        && head.Fields.CountOf(KnownField.Upgrade) == 1
        && head.Fields.TryGet(KnownField.Upgrade, out var upgrade) && Ascii.EqualsIgnoreCase(upgrade.Value, "websocket"u8)
        && head.Fields.TryGet("sec-websocket-version"u8, out var version) && version.Value.SequenceEqual("13"u8)
        && TryKey(head, out _);

    /// <summary>Whether an answer agrees: the right protocol, the right proof, and no extension, since none was asked for.</summary>
    public static bool IsAgreedTo(RequestHead request, ResponseHead response) => response.Status == 101
        && response.Connection.Upgrade
        && response.Fields.CountOf(KnownField.Upgrade) == 1
        && response.Fields.TryGet(KnownField.Upgrade, out var upgrade) && Ascii.EqualsIgnoreCase(upgrade.Value, "websocket"u8)
        && response.Declared is null
        && !response.Fields.TryGet("sec-websocket-extensions"u8, out _)
        && TryKey(request, out var key)
        && response.Fields.TryGet("sec-websocket-accept"u8, out var accept) && accept.Value.SequenceEqual(Encoding.ASCII.GetBytes(AcceptOf(key)));

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 §4.2.2 asks for SHA-1; it proves that the server has read the key, and nothing else.")]
    public static string AcceptOf(ReadOnlySpan<byte> key) => Convert.ToBase64String(SHA1.HashData([.. key, .. Suffix]));

    /// <summary>Sixteen bytes in base64, once.</summary>
    private static bool TryKey(RequestHead head, out ReadOnlySpan<byte> key)
    {
        var found = head.Fields.TryGet("sec-websocket-key"u8, out var field);
        key = field.Value;
        return found && key.Length == 24 && Base64.IsValid(key);
    }
}
