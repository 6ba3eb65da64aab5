using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Belljar.Protocols.Http1;

/// <summary>
/// Writes heads and chunks. What frames a message is always written anew from what was understood; it is never copied from
/// what was received.
/// </summary>
public static class HeadWriter
{
    private const int LongestChunkHead = 18; // sixteen digits, CR LF

    public static ReadOnlySpan<byte> LastChunk => "0\r\n\r\n"u8;

    /// <param name="target">The request target in the form that the next hop expects; checked ASCII.</param>
    public static void RequestLine(IBufferWriter<byte> output, string method, string target)
    {
        Ascii(output, method);
        output.Write(" "u8);
        Ascii(output, target);
        output.Write(" HTTP/1.1\r\n"u8);
    }

    public static void StatusLine(IBufferWriter<byte> output, int status, ReadOnlySpan<byte> reason)
    {
        output.Write("HTTP/1.1 "u8);
        Ascii(output, status.ToString(CultureInfo.InvariantCulture));
        output.Write(" "u8);
        output.Write(reason);
        output.Write("\r\n"u8);
    }

    public static void Field(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        output.Write(name);
        output.Write(": "u8);
        output.Write(value);
        output.Write("\r\n"u8);
    }

    /// <param name="value">Text of ours or checked text: no control characters, ASCII.</param>
    public static void Field(IBufferWriter<byte> output, ReadOnlySpan<byte> name, string value)
    {
        output.Write(name);
        output.Write(": "u8);
        Ascii(output, value);
        output.Write("\r\n"u8);
    }

    /// <summary>
    /// The fields that go on to the next hop: without those that belong to this connection, and without Host and
    /// Content-Length, which are written anew.
    /// </summary>
    public static void EndToEndFields(IBufferWriter<byte> output, FieldList fields, ConnectionOptions connection)
    {
        foreach (var field in fields)
        {
            if (field.Known is not (KnownField.Host or KnownField.ContentLength) && !connection.Drops(field))
            {
                Field(output, field.Name, field.Value);
            }
        }
    }

    /// <summary>The field that says how the body ends; none for no body and for one that ends with the connection.</summary>
    public static void Framing(IBufferWriter<byte> output, BodyFraming framing)
    {
        if (framing.Kind is BodyKind.Chunked)
        {
            output.Write("Transfer-Encoding: chunked\r\n"u8);
        }
        else if (framing.Kind is BodyKind.Length)
        {
            Field(output, "Content-Length"u8, framing.Length.ToString(CultureInfo.InvariantCulture));
        }
    }

    public static void End(IBufferWriter<byte> output) => output.Write("\r\n"u8);

    public static void Chunk(IBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            // A chunk of no bytes is the end of the body: never by accident.
            return;
        }

        var head = output.GetSpan(LongestChunkHead);
        Utf8Formatter.TryFormat(data.Length, head, out var digits, new StandardFormat('x'));
        output.Advance(digits);
        output.Write("\r\n"u8);
        output.Write(data);
        output.Write("\r\n"u8);
    }

    /// <summary>A part of a body, as a chunk or as it is.</summary>
    public static void Body(IBufferWriter<byte> output, BodyFraming framing, ReadOnlySpan<byte> data)
    {
        if (framing.Kind is BodyKind.Chunked)
        {
            Chunk(output, data);
        }
        else
        {
            output.Write(data);
        }
    }

    /// <summary>The last chunk with its trailers.</summary>
    public static void ChunkEnd(IBufferWriter<byte> output, FieldList trailers)
    {
        output.Write("0\r\n"u8);
        foreach (var trailer in trailers)
        {
            Field(output, trailer.Name, trailer.Value);
        }

        End(output);
    }

    private static void Ascii(IBufferWriter<byte> output, string text)
    {
        var span = output.GetSpan(text.Length);
        Encoding.ASCII.GetBytes(text, span);
        output.Advance(text.Length);
    }
}
