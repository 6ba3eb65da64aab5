using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Belljar.Contracts.Wire;

namespace Belljar.Store.Ingest;

/// <summary>
/// The words of <c>ingest.sock</c>. Producer: <c>BATCH number</c>, a body of events as JSON Lines. Recorder:
/// <c>ACK number</c> once they are committed, or <c>NAK number</c> with <c>{"reason": …}</c> for a batch that can never
/// be stored. No answer and a closed connection mean: try again later.
/// </summary>
internal static class IngestProtocol
{
    public const string Batch = "BATCH";
    public const string Ack = "ACK";
    public const string Nak = "NAK";

    /// <summary>Bytes of one event's line, without its newline.</summary>
    public const int LongestEvent = 64 * 1024;

    private const int LongestReason = 500;

    public static bool TryNumber(string argument, out ulong number) =>
        ulong.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    public static void WriteAnswer(IBufferWriter<byte> output, ulong number, string? rejection) =>
        Frame.Write(output, rejection is null ? Ack : Nak, number.ToString(CultureInfo.InvariantCulture), rejection is null ? [] : Body(rejection));

    public static string ReasonOf(ReadOnlySequence<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var reason = json.RootElement.GetProperty("reason").GetString() ?? "";
            return reason.Length > LongestReason ? reason[..LongestReason] : reason;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "no reason given";
        }
    }

    private static byte[] Body(string reason)
    {
        var text = reason.Length > LongestReason ? reason[..LongestReason] : reason;
        return Encoding.UTF8.GetBytes($"{{\"reason\":\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"}}");
    }
}
