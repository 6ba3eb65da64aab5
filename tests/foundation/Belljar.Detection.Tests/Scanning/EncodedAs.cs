using System.IO.Compression;
using System.Text;

namespace Belljar.Detection.Tests.Scanning;

/// <summary>Every encoding that is undone, from the encoding's side.</summary>
internal static class EncodedAs
{
    public static readonly IReadOnlyDictionary<string, Func<byte[], byte[]>> All = new Dictionary<string, Func<byte[], byte[]>>
    {
        ["percent"] = bytes => Text(string.Concat(bytes.Select(value => $"%{value:X2}"))),
        ["base64"] = bytes => Text(Convert.ToBase64String(bytes)),
        ["base64 unpadded"] = bytes => Text(Convert.ToBase64String(bytes).TrimEnd('=')),
        ["base64url"] = bytes => Text(System.Buffers.Text.Base64Url.EncodeToString(bytes)),
        ["base64 in lines"] = bytes => Text(Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)),
        ["base64 shifted by one"] = bytes => Text(Convert.ToBase64String([(byte)'/', .. bytes])),
        ["base64 shifted by two"] = bytes => Text(Convert.ToBase64String([(byte)'/', (byte)'/', .. bytes])),
        ["base64 after a character of its alphabet"] = bytes => Text("/" + Convert.ToBase64String(bytes)),
        ["base64url in lines"] = bytes => Text(string.Join('\n', System.Buffers.Text.Base64Url.EncodeToString(bytes).Chunk(64).Select(line => new string(line)))),
        ["base32"] = bytes => Text(Base32(bytes)),
        ["base32 in lower case"] = bytes => Text(Base32(bytes).ToLowerInvariant()),
        ["hex"] = bytes => Text(Convert.ToHexStringLower(bytes)),
        ["hex in upper case"] = bytes => Text(Convert.ToHexString(bytes)),
        ["hex with colons"] = bytes => Text(string.Join(':', bytes.Select(value => $"{value:x2}"))),
        ["hex with spaces"] = bytes => Text(string.Join(' ', bytes.Select(value => $"{value:X2}"))),
        ["hex in a list"] = bytes => Text(string.Join(", ", bytes.Select(value => $"0x{value:x2}"))),
        ["\\x escapes"] = bytes => Text(string.Concat(bytes.Select(value => $"\\x{value:x2}"))),
        ["\\u escapes"] = bytes => Text(string.Concat(Characters(bytes).Select(c => $"\\u{(int)c:x4}"))),
        ["decimal entities"] = bytes => Text(string.Concat(Characters(bytes).Select(c => $"&#{(int)c};"))),
        ["hexadecimal entities"] = bytes => Text(string.Concat(Characters(bytes).Select(c => $"&#x{(int)c:x};"))),
        ["quoted-printable"] = bytes => Text("a =3D b " + string.Concat(bytes.Chunk(30).Select(line => string.Concat(line.Select(value => $"={value:X2}")) + "=\r\n"))),
        ["quoted-printable, soft breaks alone"] = bytes => Text(string.Concat(Characters(bytes).Select((c, i) => i % 9 == 8 ? $"{c}=\r\n" : $"{c}"))),
        ["utf-16le"] = bytes => Encoding.Unicode.GetBytes(Characters(bytes)),
        ["utf-16be"] = bytes => Encoding.BigEndianUnicode.GetBytes(Characters(bytes)),
        ["zero-width spaces"] = bytes => Text(string.Join('\u200b', Characters(bytes).ToCharArray())),
        ["soft hyphens"] = bytes => Text(string.Join('\u00ad', Characters(bytes).ToCharArray())),
        ["gzip"] = bytes => Compressed(bytes, stream => new GZipStream(stream, CompressionLevel.Fastest)),
        ["gzip in base64"] = bytes => Text(Convert.ToBase64String(Compressed(bytes, stream => new GZipStream(stream, CompressionLevel.Fastest)))),
        ["gzip in hex"] = bytes => Text(Convert.ToHexString(Compressed(bytes, stream => new GZipStream(stream, CompressionLevel.Fastest)))),
        ["zlib in base64"] = bytes => Text(Convert.ToBase64String(Compressed(bytes, stream => new ZLibStream(stream, CompressionLevel.Fastest)))),
        ["deflate in base64"] = bytes => Text(Convert.ToBase64String(Compressed(bytes, stream => new DeflateStream(stream, CompressionLevel.Optimal)))),
        ["zstd"] = Zstd,
        ["zstd in base64"] = bytes => Text(Convert.ToBase64String(Zstd(bytes))),
        ["zstd in hex"] = bytes => Text(Convert.ToHexString(Zstd(bytes))),
        ["brotli in base64"] = bytes => Text(Convert.ToBase64String(Compressed(bytes, stream => new BrotliStream(stream, CompressionLevel.Optimal)))),
    };

    /// <summary>Encodings of characters: bytes that are no text cannot be in them.</summary>
    public static readonly IReadOnlyCollection<string> OfText =
        ["\\u escapes", "decimal entities", "hexadecimal entities", "quoted-printable, soft breaks alone", "utf-16le", "utf-16be", "zero-width spaces", "soft hyphens"];

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Compressed(byte[] bytes, Func<Stream, Stream> open)
    {
        using var output = new MemoryStream();
        using (var stream = open(output))
        {
            stream.Write(bytes);
        }

        return output.ToArray();
    }

    /// <summary>After some other text: a short one alone is stored, not compressed.</summary>
    private static byte[] Zstd(byte[] bytes) =>
        Zstandard.Compress([.. Text(string.Concat(Enumerable.Range(0, 60).Select(i => $"line {i * 7919 % 1000}\n"))), .. bytes]);

    private static string Characters(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string Base32(byte[] bytes)
    {
        var text = new StringBuilder();
        var (held, bits) = (0, 0);
        foreach (var value in bytes)
        {
            held = ((held << 8) | value) & 0xffff;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text.Append("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(held >> (bits - 5)) & 31]);
            }
        }

        return bits > 0 ? text.Append("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(held << (5 - bits)) & 31]).ToString() : text.ToString();
    }
}
