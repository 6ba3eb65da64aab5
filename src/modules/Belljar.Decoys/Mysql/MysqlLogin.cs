using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Belljar.Decoys.Mysql;

/// <summary>What a client sends to log in (HandshakeResponse41).</summary>
internal sealed record MysqlLogin(MysqlCapabilities Capabilities, string User, byte[] Response, string Database, string Plugin)
{
    public const string NativePassword = "mysql_native_password";
    private const int FixedPart = 32;

    /// <returns>Null when it is malformed.</returns>
    public static MysqlLogin? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FixedPart)
        {
            return null;
        }

        var capabilities = new MysqlCapabilities(BinaryPrimitives.ReadUInt32LittleEndian(payload), BinaryPrimitives.ReadUInt32LittleEndian(payload[28..]));
        var rest = payload[FixedPart..];
        if (!capabilities.SpeaksProtocol41 || !TryText(ref rest, out var user) || rest.IsEmpty)
        {
            return null;
        }

        int length = rest[0];
        if (length >= 251 || rest.Length < 1 + length)
        {
            return null;
        }

        var response = rest.Slice(1, length).ToArray();
        rest = rest[(1 + length)..];
        var database = "";
        if (capabilities.NamesDatabase && !TryText(ref rest, out database))
        {
            return null;
        }

        return new MysqlLogin(capabilities, user, response, database, capabilities.NamesPlugin && TryText(ref rest, out var plugin) ? plugin : NativePassword);
    }

    /// <summary>SHA1(password) XOR SHA1(salt, SHA1(SHA1(password))).</summary>
    [SuppressMessage("Security", "CA5350", Justification = "mysql_native_password is made of SHA-1.")]
    public static bool Fits(ReadOnlySpan<byte> response, ReadOnlySpan<byte> salt, string password)
    {
        var once = SHA1.HashData(Encoding.UTF8.GetBytes(password));
        var mask = SHA1.HashData([.. salt, .. SHA1.HashData(once)]);
        for (var i = 0; i < once.Length; i++)
        {
            once[i] ^= mask[i];
        }

        return password.Length == 0 ? response.IsEmpty : response.SequenceEqual(once);
    }

    private static bool TryText(ref ReadOnlySpan<byte> rest, out string text)
    {
        var nul = rest.IndexOf((byte)0);
        text = nul < 0 ? "" : Encoding.Latin1.GetString(rest[..nul]);
        rest = nul < 0 ? rest : rest[(nul + 1)..];
        return nul >= 0;
    }
}
