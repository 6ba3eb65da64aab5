using System.Buffers;
using Belljar.Detection.Decoding;

namespace Belljar.Detection.Scanning;

/// <summary>
/// What the text hides. Each decoder looks for its sign, undoes what is around it, has the result scanned a level down, and
/// gives what was found there its place in this text.
/// </summary>
internal sealed partial class BlockScan
{
    /// <summary>How far beyond the block what began in it is followed.</summary>
    private const int Beyond = RuleSet.MaxSecretLength;

    /// <summary>Fewer readable characters on end cannot be a secret.</summary>
    private const int ShortestReadable = 12;

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

    /// <summary>Whether decoded bytes can hold anything: text, or a container that is known by its magic number.</summary>
    private static bool IsWorthDescending(ReadOnlySpan<byte> decoded)
    {
        if (HasReadable(decoded))
        {
            return true;
        }

        foreach (var inflater in Inflater.All)
        {
            if (!inflater.Magic.IsEmpty && decoded.IndexOf(inflater.Magic.Span) >= 0)
            {
                return true;
            }
        }

        return false;
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
}
