using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Numerics;
using System.Text;

namespace Belljar.Detection.Tests.Recall;

/// <summary>Private keys in their containers: right as to form, useless as to mathematics, and quick to make.</summary>
internal static class PemKeys
{
    public static string Make(string kind, Random random) => kind switch
    {
        "RSA" => Armour("RSA PRIVATE KEY", Integers(random, 128, [3, 128, 64, 64, 64, 64, 64]), 64),
        "DSA" => Armour("DSA PRIVATE KEY", Integers(random, 128, [20, 128, 128, 20]), 64),
        "EC" => Armour("EC PRIVATE KEY", Ec(random), 64),
        "PKCS8" => Armour("PRIVATE KEY", Pkcs8(random), 64),
        "ENCRYPTED" => Armour("ENCRYPTED PRIVATE KEY", Encrypted(random), 64),
        "OPENSSH" => Armour("OPENSSH PRIVATE KEY", OpenSsh(random), 70),
        "SSH2" => Armour("SSH2 ENCRYPTED PRIVATE KEY", [0x3F, 0x6F, 0xF9, 0xEB, .. TokenMakers.Bytes(400, random)], 70),
        "SIGSTORE" => Armour("ENCRYPTED SIGSTORE PRIVATE KEY", TokenMakers.Bytes(420, random), 64),
        "PGP" => Armour("PGP PRIVATE KEY BLOCK", [0x95, 0x03, 0xBE, 0x04, .. TokenMakers.Bytes(700, random)], 64, "\n").Replace("\n-----END", "\n=" + random.Pick(Alphabets.Base62, 4) + "\n-----END", StringComparison.Ordinal),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static string Putty(Random random) =>
        $"""
         PuTTY-User-Key-File-3: ssh-ed25519
         Encryption: none
         Comment: alice7
         Public-Lines: 2
         {Lines(TokenMakers.Bytes(84, random), 64)}
         Private-Lines: 1
         {Lines(TokenMakers.Bytes(36, random), 64)}
         Private-MAC: {random.Pick(Alphabets.ByName["hex"], 64)}
         """;

    public static string OpenVpn(Random random) =>
        $"-----BEGIN OpenVPN Static key V1-----\n{string.Join('\n', Enumerable.Range(0, 16).Select(_ => random.Pick(Alphabets.ByName["hex"], 32)))}\n-----END OpenVPN Static key V1-----";

    private static string Armour(string label, byte[] body, int width, string header = "") => $"-----BEGIN {label}-----\n{header}{Lines(body, width)}\n-----END {label}-----";

    private static string Lines(byte[] body, int width) => string.Join('\n', Convert.ToBase64String(body).Chunk(width).Select(line => new string(line)));

    private static BigInteger Odd(int bytes, Random random) => new([.. TokenMakers.Bytes(bytes - 1, random), 0x7F, 0]);

    private static byte[] Integers(Random random, int first, int[] rest)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            writer.WriteInteger(Odd(first, random));
            foreach (var size in rest)
            {
                writer.WriteInteger(Odd(size, random));
            }
        }

        return writer.Encode();
    }

    private static byte[] Ec(Random random)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteOctetString(TokenMakers.Bytes(32, random));
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                writer.WriteObjectIdentifier("1.2.840.10045.3.1.7");
            }

            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            {
                writer.WriteBitString([4, .. TokenMakers.Bytes(64, random)]);
            }
        }

        return writer.Encode();
    }

    /// <summary>RFC 8410: Ed25519.</summary>
    private static byte[] Pkcs8(Random random)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.3.101.112");
            }

            writer.WriteOctetString([4, 32, .. TokenMakers.Bytes(32, random)]);
        }

        return writer.Encode();
    }

    private static byte[] Encrypted(Random random)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.12.1.3");
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(TokenMakers.Bytes(8, random));
                    writer.WriteInteger(2048);
                }
            }

            writer.WriteOctetString(TokenMakers.Bytes(344, random));
        }

        return writer.Encode();
    }

    private static byte[] OpenSsh(Random random)
    {
        using var body = new MemoryStream();
        body.Write("openssh-key-v1\0"u8);
        foreach (var field in new byte[][] { [.. "none"u8], [.. "none"u8], [] })
        {
            Write(body, field);
        }

        Span<byte> count = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(count, 1);
        body.Write(count);
        Write(body, [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. TokenMakers.Bytes(32, random)]);
        var check = TokenMakers.Bytes(4, random);
        Write(body, [.. check, .. check, 0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. TokenMakers.Bytes(32, random), 0, 0, 0, 64, .. TokenMakers.Bytes(64, random), 0, 0, 0, 6, .. Encoding.ASCII.GetBytes("alice7"), 1, 2, 3, 4, 5]);
        return body.ToArray();
    }

    private static void Write(Stream body, byte[] field)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, field.Length);
        body.Write(length);
        body.Write(field);
    }
}
