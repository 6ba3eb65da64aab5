using System.Text;

namespace Belljar.Protocols.Http1;

/// <summary>Fields that frame, route or belong to one connection only.</summary>
public enum KnownField : byte
{
    Other,
    Host,
    ContentLength,
    TransferEncoding,
    Connection,
    Expect,
    KeepAlive,
    ProxyConnection,
    ProxyAuthenticate,
    ProxyAuthorization,
    Te,
    Trailer,
    Upgrade,
}

internal static class KnownFields
{
    /// <summary>Only names of these lengths are compared at all.</summary>
    public static KnownField Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when Is(name, "te"u8) => KnownField.Te,
        4 when Is(name, "host"u8) => KnownField.Host,
        6 when Is(name, "expect"u8) => KnownField.Expect,
        7 when Is(name, "trailer"u8) => KnownField.Trailer,
        7 when Is(name, "upgrade"u8) => KnownField.Upgrade,
        10 when Is(name, "connection"u8) => KnownField.Connection,
        10 when Is(name, "keep-alive"u8) => KnownField.KeepAlive,
        14 when Is(name, "content-length"u8) => KnownField.ContentLength,
        16 when Is(name, "proxy-connection"u8) => KnownField.ProxyConnection,
        17 when Is(name, "transfer-encoding"u8) => KnownField.TransferEncoding,
        18 when Is(name, "proxy-authenticate"u8) => KnownField.ProxyAuthenticate,
        19 when Is(name, "proxy-authorization"u8) => KnownField.ProxyAuthorization,
        _ => KnownField.Other,
    };

    /// <summary><c>Content_Length</c>: gateways behind us (CGI, WSGI) read it as the real one.</summary>
    public static bool IsLookalike(ReadOnlySpan<byte> name)
        => name.Contains((byte)'_') && (Is(name, "content_length"u8) || Is(name, "transfer_encoding"u8));

    /// <summary>RFC 9110 §7.6.1, with those that proxies know besides.</summary>
    public static bool IsHopByHop(this KnownField field) => field is KnownField.Connection or KnownField.KeepAlive
        or KnownField.ProxyConnection or KnownField.ProxyAuthenticate or KnownField.ProxyAuthorization
        or KnownField.Te or KnownField.Trailer or KnownField.TransferEncoding or KnownField.Upgrade;

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(name, known);
}
