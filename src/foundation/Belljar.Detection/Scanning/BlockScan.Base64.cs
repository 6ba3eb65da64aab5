using System.Buffers.Text;
using Belljar.Detection.Decoding;

namespace Belljar.Detection.Scanning;

/// <summary>Runs of base64, in either alphabet, at every alignment, also in lines.</summary>
internal sealed partial class BlockScan
{
    /// <summary>Encoded characters that a piece of a long run shares with the piece before.</summary>
    private const int SharedRun = 1024;

    private void DecodeRuns(ReadOnlySpan<byte> text, int from, int to, int depth)
    {
        const int Shortest = 20;
        var at = from;
        var isCut = from > 0 && Runs.IsBase64Byte(text[from - 1]);
        while (isCut && at > 0 && from - at < SharedRun && Runs.IsBase64Byte(text[at - 1]))
        {
            at--;
        }

        var limit = Math.Min(text.Length, to + Beyond + (Beyond / 2));
        while (Runs.TryNextBase64(text[..limit], at, to, Shortest, out var start, out var end))
        {
            end = Runs.EndOfLines(text, start, end, limit);
            DecodeRun(text, start, end, depth, knowsStart: !(start < from && start == at));
            at = end + 1;

            // A run that goes on is taken up by the next block, a little before its beginning.
            if (end > to)
            {
                return;
            }
        }
    }

    private void DecodeRun(ReadOnlySpan<byte> text, int start, int end, int depth, bool knowsStart)
    {
        var run = text[start..end];
        for (var at = 0; Runs.TryNextHex(run, at, run.Length, 2 * ShortestReadable, out var first, out var last); at = last + 1)
        {
            DecodeHex(run[first..last], start + first, depth);
            if (last - first == run.Length)
            {
                return;
            }
        }

        for (var at = 0; Runs.TryNextBase32Upper(run, at, run.Length, ShortestBase32, out var first, out var last); at = last + 1)
        {
            DecodeBase32(run[first..last], start + first, depth);
        }

        for (var at = 0; Runs.TryNextBase32Lower(run, at, run.Length, ShortestBase32, out var first, out var last); at = last + 1)
        {
            DecodeBase32(run[first..last], start + first, depth);
        }

        var output = _levels[depth].Buffer(run.Length + 4);
        var compact = output.AsSpan(0, Compact(run, output));
        for (var phase = 0; phase < 4 && compact.Length - phase >= 16; phase++)
        {
            var encoded = compact[phase..];
            if (phase > 0 && !LooksReadable(encoded) && !HoldsContainer(encoded))
            {
                continue;
            }

            var decoded = Decode64(encoded, depth);
            var known = Found.Count;
            if (IsWorthDescending(decoded))
            {
                for (var i = Descend(decoded, depth); i < Found.Count; i++)
                {
                    var found = Found[i];
                    var first = phase + (found.Start * 4 / 3);
                    var last = phase + (((found.End * 4) + 2) / 3);
                    found.Wrap("base64", start + PlaceOf(run, first), start + PlaceOf(run, last - 1) + 1);
                }
            }

            if (phase == 0 && knowsStart && Found.Count == known)
            {
                InflateDecoded(decoded, "base64", start, end, depth, LooksCompressed(compact, decoded.Length));
            }
        }
    }

    /// <summary>Whether a container that is known by its magic number begins with a group of four.</summary>
    private static bool HoldsContainer(ReadOnlySpan<byte> encoded)
    {
        foreach (var inflater in Inflater.All)
        {
            ReadOnlySpan<byte> magic = inflater.MagicInBase64;
            for (var rest = encoded; !magic.IsEmpty && rest.IndexOf(magic) is var at and >= 0; rest = rest[(at + 1)..])
            {
                if ((encoded.Length - rest.Length + at) % 4 == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Without line breaks, and with one alphabet instead of two.</summary>
    private static int Compact(ReadOnlySpan<byte> run, Span<byte> output)
    {
        var length = 0;
        while (!run.IsEmpty)
        {
            var plain = run.IndexOfAnyExcept(Runs.Base64);
            var line = plain < 0 ? run : run[..plain];
            line.CopyTo(output[length..]);
            length += line.Length;
            run = plain < 0 ? [] : run[(plain + 1)..];
        }

        var compact = output[..length];
        compact.Replace((byte)'-', (byte)'+');
        compact.Replace((byte)'_', (byte)'/');
        return length;
    }

    /// <summary>The place in the run of its so-manieth character that is no line break.</summary>
    private static int PlaceOf(ReadOnlySpan<byte> run, int index)
    {
        for (var place = 0; place < run.Length; place++)
        {
            if (Runs.IsBase64Byte(run[place]) && index-- == 0)
            {
                return place;
            }
        }

        return run.Length - 1;
    }

    private Span<byte> Decode64(ReadOnlySpan<byte> encoded, int depth)
    {
        var level = _levels[depth];
        var whole = encoded[..(encoded.Length & ~3)];
        var output = level.Decoded(encoded.Length + 4);
        Base64.DecodeFromUtf8(whole, output, out _, out var written);
        var rest = encoded[whole.Length..];
        if (rest.Length >= 2)
        {
            Span<byte> group = [rest[0], rest[1], rest.Length > 2 ? rest[2] : (byte)'A', (byte)'A'];
            Span<byte> last = stackalloc byte[3];
            Base64.DecodeFromUtf8(group, last, out _, out _);
            last[..(rest.Length - 1)].CopyTo(output.AsSpan(written));
            written += rest.Length - 1;
        }

        return output.AsSpan(0, written);
    }

    /// <summary>Whether some stretch would decode to bytes below 128: enough to try another alignment.</summary>
    private static bool LooksReadable(ReadOnlySpan<byte> encoded)
    {
        // A byte's high bit is the first bit of the first character, the third of the second, the fifth of the third.
        var enough = encoded.Length < 256 ? 4 : 6;
        var good = 0;
        for (var i = 0; i + 4 <= encoded.Length; i += 4)
        {
            var group = encoded.Slice(i, 3);
            var high = (Runs.Sextets[group[0]] & 32) | (Runs.Sextets[group[1]] & 8) | (Runs.Sextets[group[2]] & 2);
            good = high == 0 ? good + 1 : 0;
            if (good >= enough)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether it is worth trying the formats that have no magic number. Data as long as a digest is taken for one: lock files
    /// are full of them.
    /// </summary>
    private static bool LooksCompressed(ReadOnlySpan<byte> run, int decoded) =>
        decoded is >= 18 and not (20 or 28 or 32 or 48 or 64) && run.ContainsAnyInRange((byte)'0', (byte)'9') && run.ContainsAnyInRange((byte)'A', (byte)'Z') && run.ContainsAnyInRange((byte)'a', (byte)'z');
}
