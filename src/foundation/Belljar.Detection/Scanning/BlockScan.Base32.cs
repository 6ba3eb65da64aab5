namespace Belljar.Detection.Scanning;

/// <summary>Runs of base32 in one case.</summary>
internal sealed partial class BlockScan
{
    private const int ShortestBase32 = 24;

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
}
