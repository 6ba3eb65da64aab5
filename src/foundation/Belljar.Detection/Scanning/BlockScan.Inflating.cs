using System.Buffers;
using Belljar.Detection.Decoding;

namespace Belljar.Detection.Scanning;

/// <summary>Compressed data: what it becomes is a stream of its own, scanned as such, a level down.</summary>
internal sealed partial class BlockScan
{
    private const int Piece = 32 * 1024;

    /// <summary>Containers that begin in the block, as they stand.</summary>
    private void Inflate(ReadOnlySpan<byte> text, int from, int to, int depth)
    {
        // One copy for all: a flood of magic numbers must not have the text copied for each.
        byte[]? copy = null;
        foreach (var inflater in Inflater.All)
        {
            if (inflater.IsGuess || inflater.Magic.IsEmpty)
            {
                continue;
            }

            // One that begins in the block may end beyond it.
            var magic = inflater.Magic.Span;
            var end = Math.Min(text.Length, to + magic.Length - 1);
            var at = from;
            while (at < end && text[at..end].IndexOf(magic) is var found and >= 0)
            {
                at += found;
                if (inflater.Looks(text[at..]))
                {
                    copy ??= text.ToArray();
                    Inflate(inflater, new MemoryStream(copy, at, copy.Length - at, writable: false), inflater.Name, at, text.Length, depth);
                }

                at++;
            }
        }
    }

    /// <summary>A container that was encoded, from its first byte on.</summary>
    private void InflateDecoded(ReadOnlySpan<byte> decoded, string encoding, int start, int end, int depth, bool guesses)
    {
        foreach (var inflater in Inflater.All)
        {
            if ((guesses || !inflater.IsGuess) && inflater.Looks(decoded)
                && Inflate(inflater, new MemoryStream(decoded.ToArray(), writable: false), $"{encoding}>{inflater.Name}", start, end, depth))
            {
                return;
            }
        }
    }

    /// <returns>Whether it was such a container: something came out.</returns>
    private bool Inflate(Inflater inflater, MemoryStream source, string encoding, int start, int end, int depth)
    {
        using var scanner = new Scanner(_set, Path, Commit, Budget, depth + 1);
        var isContainer = PushAll(inflater, source, scanner);
        scanner.Complete();
        foreach (var found in scanner.Findings)
        {
            Found.Add(new Candidate
            {
                Kind = found.Kind,
                RuleId = found.RuleId,
                Sample = found.Sample,
                Tag = found.Tag,
                Start = start,
                End = end,
                Encoding = found.Encoding.Length == 0 ? encoding : $"{encoding}>{found.Encoding}",
            });
        }

        return isContainer;
    }

    private bool PushAll(Inflater inflater, MemoryStream source, Scanner scanner)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            using var stream = inflater.Open(source);
            var total = 0L;
            while (stream.Read(buffer) is var read and > 0)
            {
                total += read;
                if (total > _set.Limits.MostInflated || !Budget.TryTake(read))
                {
                    Budget.Refuse("compressed data becomes larger than allowed");
                    break;
                }

                scanner.Push(buffer.AsSpan(0, read));
            }

            if (total > 0 && !inflater.IsGuess && source.Position == source.Length && source.Length >= Piece)
            {
                Budget.Refuse("compressed data is longer than what is looked at");
            }

            return total > 0;
        }
        catch (NotSupportedException beyond)
        {
            Budget.Refuse(beyond.Message);
            return true;
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException or InvalidOperationException)
        {
            // Not such a container, or cut off: what came out until here has been pushed.
            return scanner.Pushed > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
