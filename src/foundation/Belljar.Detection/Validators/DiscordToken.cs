using System.Buffers;
using System.Buffers.Text;

namespace Belljar.Detection.Validators;

/// <summary>A Discord bot token: its first part is the bot's number, 17 to 20 digits, in base64.</summary>
internal static class DiscordToken
{
    public static bool IsOne(ReadOnlySpan<byte> secret)
    {
        var dot = secret.IndexOf((byte)'.');
        if (dot is < 22 or > 28)
        {
            return false;
        }

        Span<byte> number = stackalloc byte[32];
        return Base64Url.DecodeFromUtf8(secret[..dot], number, out _, out var written) == OperationStatus.Done
            && written is >= 17 and <= 20
            && !number[..written].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
