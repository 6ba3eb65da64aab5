using System.Text;

namespace Belljar.Decoys.Http;

/// <summary>An answer, ready to be written.</summary>
/// <param name="Status">What it says.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="Closes">The connection ends with it.</param>
internal sealed record HttpReply(int Status, byte[] Bytes, bool Closes);

/// <summary>Writes an answer's fields in the order in which they are called, which is the order that visitors compare.</summary>
internal sealed class HttpReplyWriter
{
    private readonly StringBuilder _head = new(256);

    public HttpReplyWriter(int status, string reason) => _head.Append("HTTP/1.1 ").Append(status).Append(' ').Append(reason).Append("\r\n");

    public HttpReplyWriter Field(string name, string value)
    {
        _head.Append(name).Append(": ").Append(value).Append("\r\n");
        return this;
    }

    public HttpReplyWriter FieldIf(bool wanted, string name, string value) => wanted ? Field(name, value) : this;

    public byte[] End(ReadOnlySpan<byte> body)
    {
        var head = _head.Append("\r\n").ToString();
        var bytes = new byte[head.Length + body.Length];
        Encoding.Latin1.GetBytes(head, bytes);
        body.CopyTo(bytes.AsSpan(head.Length));
        return bytes;
    }
}
