using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Belljar.Mail.Storage;

/// <summary>
/// What makes a delivery a duplicate: the Message-ID <i>and</i> the body. The id alone suppresses nothing, or whoever
/// guesses an id could keep the real message out.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MessageKey(UInt128 Id, UInt128 Body)
{
    /// <returns>Null for a message without an id: it is never a duplicate.</returns>
    public static MessageKey? Of(MessageContent content) =>
        content.MessageId is { Length: > 0 } id ? new MessageKey(HashId(id), HashBody(content.RawBody.Span)) : null;

    public static UInt128 HashId(string messageId) => Short(SHA256.HashData(Encoding.UTF8.GetBytes(messageId)));

    public static UInt128 HashBody(ReadOnlySpan<byte> body) => Short(SHA256.HashData(body));

    private static UInt128 Short(byte[] hash) => BinaryPrimitives.ReadUInt128BigEndian(hash);
}
