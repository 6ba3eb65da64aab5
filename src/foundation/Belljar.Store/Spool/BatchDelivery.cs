using System.Buffers;
using Belljar.Store.Ingest;

namespace Belljar.Store.Spool;

/// <summary>
/// Delivers lines in order. A refused batch is halved until the event that it is refused for stands alone; that one goes
/// to the rejected file, and the rest is delivered.
/// </summary>
internal sealed class BatchDelivery(IBatchDestination destination, RejectedEvents rejected)
{
    /// <summary>Bytes of lines in one batch: below a frame's bound, so that one more line always fits.</summary>
    public const int BatchBytes = 512 * 1024;

    /// <returns>How many of the lines, from the first, are settled. Fewer than all: the destination is away.</returns>
    public async Task<int> DeliverAsync(ReadOnlyMemory<ReadOnlyMemory<byte>> lines, CancellationToken ct)
    {
        if (lines.IsEmpty)
        {
            return 0;
        }

        if (lines.Length == 1 && lines.Span[0].Length > IngestProtocol.LongestEvent)
        {
            // Over a frame's bound the connection would be dropped: this one is not even sent.
            rejected.Add(lines.Span[0].Span, $"an event has at most {IngestProtocol.LongestEvent} bytes");
            return 1;
        }

        var outcome = Fits(lines.Span) ? await destination.SendAsync(Join(lines.Span), ct) : BatchOutcome.Rejected("");
        if (outcome.IsStored)
        {
            return lines.Length;
        }

        if (outcome.Rejection is not { } reason)
        {
            return 0;
        }

        if (lines.Length == 1)
        {
            rejected.Add(lines.Span[0].Span, reason);
            return 1;
        }

        var half = lines.Length / 2;
        var settled = await DeliverAsync(lines[..half], ct);
        return settled < half ? settled : half + await DeliverAsync(lines[half..], ct);
    }

    private static bool Fits(ReadOnlySpan<ReadOnlyMemory<byte>> lines)
    {
        long bytes = 0;
        foreach (var line in lines)
        {
            if (line.Length > IngestProtocol.LongestEvent)
            {
                return false;
            }

            bytes += line.Length + 1;
        }

        return bytes <= Contracts.Wire.Frame.LongestBody;
    }

    private static ReadOnlyMemory<byte> Join(ReadOnlySpan<ReadOnlyMemory<byte>> lines)
    {
        var joined = new ArrayBufferWriter<byte>(lines.Length * 512);
        foreach (var line in lines)
        {
            joined.Write(line.Span);
            joined.Write("\n"u8);
        }

        return joined.WrittenMemory;
    }
}
