using Belljar.Mime;

namespace Belljar.Mail.Storage;

/// <summary>Looks into a stored raw message. One that was removed or cannot be read says nothing.</summary>
internal static class RawMessage
{
    /// <summary>A Message-ID beyond it does not come back as a duplicate.</summary>
    private const int LongestHead = 64 * 1024;

    private const long LongestMessage = 512 * 1024 * 1024;

    public static string? ReadMessageId(string path) => Read(path, LongestHead)?.MessageId;

    public static UInt128? ReadBodyHash(string path) =>
        Read(path, LongestMessage) is { } message ? MessageKey.HashBody(message.Raw.Span[message.BodyOffset..]) : null;

    private static MimeMessage? Read(string path, long most)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var bytes = new byte[Math.Min(RandomAccess.GetLength(file), most)];
            var length = 0;
            for (int read; length < bytes.Length && (read = RandomAccess.Read(file, bytes.AsSpan(length), length)) > 0;)
            {
                length += read;
            }

            return MimeMessage.Parse(bytes.AsMemory(0, length));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
