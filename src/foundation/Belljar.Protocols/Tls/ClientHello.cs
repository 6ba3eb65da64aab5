using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Belljar.Protocols.Tls;

public enum ClientHelloStatus
{
    /// <summary>So far it is a ClientHello; more bytes are needed.</summary>
    Incomplete,

    Complete,

    /// <summary>Not TLS: another protocol speaks here.</summary>
    NotTls,

    /// <summary>It begins like TLS and breaks its rules.</summary>
    Malformed,
}

/// <summary>
/// What the first message of a TLS connection says in the clear (RFC 8446 §4.1.2, RFC 6066 §3, RFC 7301 §3.1). Pure,
/// bounded, strict: duplicate extensions and more than one name are refused, because two readers would choose differently.
/// </summary>
/// <param name="ServerName">Lower case; null when none was sent.</param>
/// <param name="Alpn">The protocols offered, in that order.</param>
/// <param name="HasEncryptedHello">An encrypted ClientHello extension is there (real or GREASE): the true name may be another.</param>
public sealed record ClientHello(string? ServerName, IReadOnlyList<string> Alpn, bool HasEncryptedHello)
{
    /// <summary>How many bytes a reader should be ready to collect. One that is longer is malformed.</summary>
    public const int Longest = 20 * 1024;

    private const int LongestHandshake = 16 * 1024;
    private const int RecordHead = 5;
    private const int HandshakeHead = 4;
    private const int LongestRecord = 1 << 14;
    private const int MostRecords = 8; // fragments; more of them only cost the reader time
    private const byte TypeClientHello = 1;

    /// <param name="bytes">All that the client has sent so far; what follows the ClientHello is not looked at.</param>
    /// <param name="hello">Set when complete.</param>
    public static ClientHelloStatus Read(ReadOnlySpan<byte> bytes, out ClientHello? hello)
    {
        hello = null;
        var handshake = new ArrayBufferWriter<byte>(1024);
        for (var record = 0; record < MostRecords; record++)
        {
            var status = Record(bytes, out var payload, out var length);
            if (handshake.WrittenCount == 0 && payload is [not TypeClientHello, ..])
            {
                return ClientHelloStatus.Malformed;
            }

            if (status is not ClientHelloStatus.Complete)
            {
                return status;
            }

            handshake.Write(payload);
            if (IsWhole(handshake.WrittenSpan, out var tooLong))
            {
                return TryBody(handshake.WrittenSpan[HandshakeHead..], out hello) ? ClientHelloStatus.Complete : ClientHelloStatus.Malformed;
            }

            if (tooLong)
            {
                break;
            }

            bytes = bytes[length..];
        }

        return ClientHelloStatus.Malformed;
    }

    /// <param name="tooLong">Longer than it says, or than any that we read.</param>
    private static bool IsWhole(ReadOnlySpan<byte> handshake, out bool tooLong)
    {
        tooLong = false;
        if (handshake.Length < HandshakeHead)
        {
            return false;
        }

        var whole = HandshakeHead + ((handshake[1] << 16) | (handshake[2] << 8) | handshake[3]);
        tooLong = whole > LongestHandshake || handshake.Length > whole;
        return !tooLong && handshake.Length == whole;
    }

    /// <summary>One record of the handshake: type 22, version 3.x, 1–16384 bytes (RFC 8446 §5.1).</summary>
    private static ClientHelloStatus Record(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload, out int length)
    {
        payload = default;
        length = 0;
        if (bytes is [not 22, ..] or [22, not 3, ..] or [22, 3, > 4, ..])
        {
            return ClientHelloStatus.NotTls;
        }

        if (bytes.Length < RecordHead)
        {
            return ClientHelloStatus.Incomplete;
        }

        var size = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        if (size is 0 or > LongestRecord)
        {
            return ClientHelloStatus.Malformed;
        }

        length = RecordHead + size;
        payload = bytes.Length < length ? bytes[RecordHead..] : bytes[RecordHead..length];
        return bytes.Length < length ? ClientHelloStatus.Incomplete : ClientHelloStatus.Complete;
    }

    private static bool TryBody(ReadOnlySpan<byte> body, out ClientHello? hello)
    {
        hello = null;
        var fields = new Vectors(body);
        if (!fields.TrySkip(2 + 32) // legacy_version, random
            || !fields.TryVector(1, out var session) || session.Length > 32
            || !fields.TryVector(2, out var suites) || suites.Length is 0 || suites.Length % 2 != 0
            || !fields.TryVector(1, out var compressions) || compressions.IsEmpty)
        {
            return false;
        }

        if (fields.IsAtEnd)
        {
            hello = new ClientHello(null, [], false);
            return true;
        }

        return fields.TryVector(2, out var extensions) && fields.IsAtEnd && TryExtensions(extensions, out hello);
    }

    private static bool TryExtensions(ReadOnlySpan<byte> extensions, out ClientHello? hello)
    {
        hello = null;
        var seen = new HashSet<ushort>();
        string? name = null;
        List<string> alpn = [];
        var list = new Vectors(extensions);
        while (!list.IsAtEnd)
        {
            if (!list.TryUInt16(out var type) || !list.TryVector(2, out var data) || !seen.Add(type))
            {
                return false;
            }

            if ((type == 0 && !TryServerName(data, out name)) || (type == 16 && !TryAlpn(data, alpn)))
            {
                return false;
            }
        }

        hello = new ClientHello(name, alpn, seen.Contains(0xfe0d));
        return true;
    }

    /// <summary>Exactly one entry, of type host_name: a DNS name in ASCII.</summary>
    private static bool TryServerName(ReadOnlySpan<byte> data, out string? name)
    {
        name = null;
        var outer = new Vectors(data);
        if (!outer.TryVector(2, out var list) || !outer.IsAtEnd || list is not [0, ..])
        {
            return false;
        }

        var entry = new Vectors(list[1..]);
        if (!entry.TryVector(2, out var host) || !entry.IsAtEnd || host.Length is 0 or > 255
            || host.ContainsAnyExcept(Http1.Octets.HostName))
        {
            return false;
        }

        name = Encoding.ASCII.GetString(host).ToLowerInvariant();
        return true;
    }

    private static bool TryAlpn(ReadOnlySpan<byte> data, List<string> alpn)
    {
        var outer = new Vectors(data);
        if (!outer.TryVector(2, out var list) || !outer.IsAtEnd || list.IsEmpty)
        {
            return false;
        }

        var names = new Vectors(list);
        while (!names.IsAtEnd)
        {
            if (!names.TryVector(1, out var name) || name.IsEmpty)
            {
                return false;
            }

            alpn.Add(Encoding.Latin1.GetString(name));
        }

        return true;
    }

    /// <summary>Reads vectors with a length before them (RFC 8446 §3.4).</summary>
    private ref struct Vectors(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public bool TrySkip(int count)
        {
            var fits = _rest.Length >= count;
            _rest = fits ? _rest[count..] : default;
            return fits;
        }

        public bool TryUInt16(out ushort value) => BinaryPrimitives.TryReadUInt16BigEndian(_rest, out value) && TrySkip(2);

        public bool TryVector(int lengthBytes, out ReadOnlySpan<byte> vector)
        {
            vector = default;
            if (_rest.Length < lengthBytes)
            {
                return false;
            }

            var length = lengthBytes == 1 ? _rest[0] : BinaryPrimitives.ReadUInt16BigEndian(_rest);
            if (_rest.Length < lengthBytes + length)
            {
                return false;
            }

            vector = _rest.Slice(lengthBytes, length);
            return TrySkip(lengthBytes + length);
        }
    }
}
