using System.Buffers;
using System.Buffers.Text;

namespace Belljar.Mime.Encodings;

/// <summary>RFC 2045, 6.8. What is not of the alphabet is skipped, as the RFC asks; padding in the middle begins anew.</summary>
internal static class Base64Text
{
    /// <summary>The output is at least three quarters of the input, rounded up; gives the number of bytes written.</summary>
    public static int Decode(ReadOnlySpan<byte> encoded, Span<byte> output, out bool isClean)
    {
        encoded = encoded.Trim(" \t\r\n"u8);
        isClean = Base64.DecodeFromUtf8(encoded, output, out var consumed, out var written) == OperationStatus.Done && consumed == encoded.Length;
        return isClean ? written : DecodeLeniently(encoded, output, out isClean);
    }

    private static int DecodeLeniently(ReadOnlySpan<byte> encoded, Span<byte> output, out bool isClean)
    {
        isClean = true;
        var (written, quantum, sextets) = (0, 0, 0);
        foreach (var octet in encoded)
        {
            var value = Value(octet);
            if (value >= 0)
            {
                quantum = (quantum << 6) | value;
                sextets++;
                if (sextets == 4)
                {
                    output[written++] = (byte)(quantum >> 16);
                    output[written++] = (byte)(quantum >> 8);
                    output[written++] = (byte)quantum;
                    (quantum, sextets) = (0, 0);
                }
            }
            else if (octet == '=')
            {
                isClean &= sextets != 1;
                written = Finish(output, written, ref quantum, ref sextets);
            }
            else if (octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                isClean = false;
            }
        }

        isClean &= sextets == 0;
        return Finish(output, written, ref quantum, ref sextets);
    }

    private static int Finish(Span<byte> output, int written, ref int quantum, ref int sextets)
    {
        if (sextets >= 2)
        {
            output[written++] = (byte)(sextets == 3 ? quantum >> 10 : quantum >> 4);
        }

        if (sextets == 3)
        {
            output[written++] = (byte)(quantum >> 2);
        }

        (quantum, sextets) = (0, 0);
        return written;
    }

    private static int Value(byte octet) => octet switch
    {
        >= (byte)'A' and <= (byte)'Z' => octet - 'A',
        >= (byte)'a' and <= (byte)'z' => octet - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => octet - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };
}
