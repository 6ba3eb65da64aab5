using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using Belljar.Detection.Decoding;

namespace Belljar.Detection.Scanning;

/// <summary>
/// What the text hides. Each decoder looks for its sign, undoes what is around it, has the result scanned a level down, and
/// gives what was found there its place in this text.
/// </summary>
internal sealed partial class BlockScan
{
    /// <summary>Text around an escape that is decoded along with it.</summary>
    private const int Around = 512;

    /// <summary>How far beyond the block what began in it is followed.</summary>
    private const int Beyond = RuleSet.MaxSecretLength;

    /// <summary>Encoded characters that a piece of a long run shares with the piece before.</summary>
    private const int SharedRun = 1024;

    /// <summary>Fewer readable characters on end cannot be a secret.</summary>
    private const int ShortestReadable = 12;

    private const int ShortestBase32 = 24;

    private void Decode(ReadOnlySpan<byte> text, int from, int to, int depth)
    {
        DecodeEscapes(text, from, to, depth, Escapes.Starts, Escapes.TryDecode);
        DecodeEscapes(text, from, to, depth, QuotedPrintable.Starts, QuotedPrintable.TryDecode);
        DecodeRuns(text, from, to, depth);
        DecodeHexLists(text, from, to, depth);
        DecodeUtf16(text, from, to, depth);
        DecodeParameters(text, from, to, depth);
        Inflate(text, from, to, depth);
    }

    private delegate bool EscapeReader(ReadOnlySpan<byte> text, int at, Span<byte> output, out Escape escape);

    private void DecodeEscapes(ReadOnlySpan<byte> text, int from, int to, int depth, SearchValues<byte> starts, EscapeReader tryDecode)
    {
        Span<byte> scratch = stackalloc byte[4];
        var at = from;
        while (at < to)
        {
            var found = text[at..to].IndexOfAny(starts);
            if (found < 0)
            {
                return;
            }

            at += found;
            if (tryDecode(text, at, scratch, out var escape) && escape.IsTrigger)
            {
                at = DecodeRegion(text, at, to, depth, starts, tryDecode);
            }
            else
            {
                at += Math.Max(1, escape.Length);
            }
        }
    }

    /// <summary>From some text before the first escape to some text after the last one that is not far from the one before.</summary>
    /// <returns>Where to look for the next.</returns>
    private int DecodeRegion(ReadOnlySpan<byte> text, int trigger, int to, int depth, SearchValues<byte> starts, EscapeReader tryDecode)
    {
        var from = Math.Max(0, trigger - Around);
        var furthest = Math.Min(text.Length, to + Beyond);
        var level = _levels[depth];
        var map = level.Map;
        var output = level.Buffer(furthest - from + 4);
        map.Clear();
        map.Add(0, from, "");
        var (read, written, last) = (from, 0, trigger);
        while (true)
        {
            var limit = Math.Min(furthest, last + Around);
            var next = read < limit ? text[read..limit].IndexOfAny(starts) : -1;
            var plain = next < 0 ? Math.Max(0, limit - read) : next;
            text.Slice(read, plain).CopyTo(output.AsSpan(written));
            read += plain;
            written += plain;
            if (next < 0)
            {
                break;
            }

            if (!tryDecode(text, read, output.AsSpan(written), out var escape))
            {
                output[written++] = text[read++];
                continue;
            }

            map.Add(written, read, escape.Kind);
            last = escape.IsTrigger ? read : last;
            read += escape.Length;
            written += escape.Decoded;
            map.Add(written, read, "");
        }

        for (var i = Descend(output.AsSpan(0, written), depth); i < Found.Count; i++)
        {
            var found = Found[i];
            found.Wrap(map.Kinds(found.Start, found.End) ?? map.Kinds(found.Start - Around, found.End + Around) ?? "escapes", map.SourceOf(found.Start), map.SourceEndOf(found.End));
        }

        return Math.Max(read, trigger + 1);
    }

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
            if (phase > 0 && !LooksReadable(encoded) && encoded.IndexOf(GzipInBase64) % 4 != 0)
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

    private static ReadOnlySpan<byte> GzipInBase64 => "H4sI"u8;

    /// <summary>Whether decoded bytes can hold anything: text, or a container that is known by its magic number.</summary>
    private bool IsWorthDescending(ReadOnlySpan<byte> decoded)
    {
        if (HasReadable(decoded))
        {
            return true;
        }

        foreach (var inflater in _set.Inflaters)
        {
            if (!inflater.Magic.IsEmpty && decoded.IndexOf(inflater.Magic.Span) >= 0)
            {
                return true;
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

    private void DecodeBase32(ReadOnlySpan<byte> run, int start, int depth)
    {
        var output = _levels[depth].Decoded(run.Length);
        var (bits, held, written) = (0, 0, 0);
        foreach (var value in run)
        {
            var five = value <= '7' ? value - '2' + 26 : (value | 0x20) - 'a';
            held = ((held << 5) | five) & 0xfff;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                output[written++] = (byte)(held >> bits);
            }
        }

        if (!IsWorthDescending(output.AsSpan(0, written)))
        {
            return;
        }

        for (var i = Descend(output.AsSpan(0, written), depth); i < Found.Count; i++)
        {
            var found = Found[i];
            found.Wrap("base32", start + (found.Start * 8 / 5), start + (((found.End * 8) + 4) / 5));
        }
    }

    private void DecodeHex(ReadOnlySpan<byte> run, int start, int depth)
    {
        for (var phase = 0; phase < 2 && run.Length - phase >= 2 * ShortestReadable; phase++)
        {
            var digits = run[phase..];
            digits = digits[..(digits.Length & ~1)];
            var output = _levels[depth].Decoded(digits.Length / 2);
            Convert.FromHexString(digits, output, out _, out var written);
            var decoded = output.AsSpan(0, written);
            if (!IsWorthDescending(decoded))
            {
                if (phase == 0)
                {
                    InflateDecoded(decoded, "hex", start, start + run.Length, depth, guesses: decoded.Length is >= 18 and not (20 or 28 or 32 or 48 or 64));
                }

                continue;
            }

            for (var i = Descend(decoded, depth); i < Found.Count; i++)
            {
                var found = Found[i];
                found.Wrap("hex", start + phase + (2 * found.Start), start + phase + (2 * found.End));
            }
        }
    }

    /// <summary><c>48:65:6c</c>, <c>48 65 6c</c>, <c>0x48, 0x65</c>.</summary>
    private void DecodeHexLists(ReadOnlySpan<byte> text, int from, int to, int depth)
    {
        const int Shortest = 34;
        var limit = Math.Min(text.Length, to + Beyond + (Beyond / 2));
        var at = from;
        while (Runs.TryNextHexList(text[..limit], at, to, Shortest, out var start, out var end))
        {
            DecodeHexList(text, start, end, depth);
            at = end + 1;
        }
    }

    private void DecodeHexList(ReadOnlySpan<byte> text, int start, int end, int depth)
    {
        var level = _levels[depth];
        var output = level.Decoded(((end - start) / 2) + 1);
        level.Map.Clear();
        var written = 0;
        var at = start;
        while (at < end)
        {
            var digits = text[at..end].IndexOfAny(Runs.Hex);
            if (digits < 0)
            {
                break;
            }

            at += digits;
            if (text[at] == '0' && at + 1 < end && text[at + 1] is (byte)'x' or (byte)'X')
            {
                at += 2;
            }

            var length = text[at..end].IndexOfAnyExcept(Runs.Hex) is var stop and >= 0 ? stop : end - at;
            if (length == 2)
            {
                level.Map.Add(written, at, "");
                Convert.FromHexString(text.Slice(at, 2), output.AsSpan(written), out _, out _);
                written++;
            }
            else if (length > 0)
            {
                ScanHexList(level, output, written, depth);
                written = 0;
                level.Map.Clear();
            }

            at += Math.Max(1, length);
        }

        ScanHexList(level, output, written, depth);
    }

    private void ScanHexList(Level level, byte[] output, int written, int depth)
    {
        if (written < ShortestReadable || !IsWorthDescending(output.AsSpan(0, written)))
        {
            return;
        }

        for (var i = Descend(output.AsSpan(0, written), depth); i < Found.Count; i++)
        {
            var found = Found[i];
            found.Wrap("hex", level.Map.SourceOf(found.Start), level.Map.SourceOf(found.End - 1) + 2);
        }
    }

    /// <summary>Letters of ASCII with a zero byte after or before each.</summary>
    private void DecodeUtf16(ReadOnlySpan<byte> text, int from, int to, int depth)
    {
        var at = Math.Max(from, 1);
        while (at < to)
        {
            var zero = text[at..to].IndexOf((byte)0);
            if (zero < 0)
            {
                return;
            }

            at += zero;
            var start = at - 1;
            var end = start;
            while (end + 1 < text.Length && end < to + Beyond && text[end] != 0 && text[end] < 0x80 && text[end + 1] == 0)
            {
                end += 2;
            }

            if (end - start < 2 * ShortestReadable)
            {
                at = Math.Max(at + 1, end);
                var next = at < to ? text[at..to].IndexOfAnyExcept((byte)0) : -1;
                at = next < 0 ? to : at + (text[at] == 0 ? next : 0);
                continue;
            }

            // Big-endian text begins with its zero: its last letter stands beyond the last pair.
            var letters = (end - start) / 2;
            var isCut = end < text.Length && text[end] is > 0 and < 0x80;
            var output = _levels[depth].Buffer(letters + 1);
            for (var i = 0; i < letters; i++)
            {
                output[i] = text[start + (2 * i)];
            }

            if (isCut)
            {
                output[letters++] = text[end];
            }

            for (var i = Descend(output.AsSpan(0, letters), depth); i < Found.Count; i++)
            {
                var found = Found[i];
                found.Wrap("utf-16", start + (2 * found.Start), Math.Min(text.Length, start + (2 * found.End)));
            }

            at = end + 1;
        }
    }

    /// <summary>Letters, or more of what may stand between letters: zeros in UTF-16, invisible characters.</summary>
    private static bool HasReadable(ReadOnlySpan<byte> bytes) =>
        HasStretch(bytes, Runs.Letters, ShortestReadable) || HasStretch(bytes, Runs.Readable, 2 * ShortestReadable);

    private static bool HasStretch(ReadOnlySpan<byte> bytes, SearchValues<byte> of, int shortest)
    {
        while (bytes.Length >= shortest)
        {
            var stop = bytes[..shortest].LastIndexOfAnyExcept(of);
            if (stop < 0)
            {
                return true;
            }

            bytes = bytes[(stop + 1)..];
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
