using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Belljar.Egress.Bodies;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Secrets;

/// <summary>
/// An answer on its way down, where a host could echo the credential that was added: values are covered in the head, the
/// body and the trailers. A coded body is decoded first, and reaches the client decoded.
/// </summary>
internal sealed class AnswerFilter(ValueAutomaton echoes) : IDisposable
{
    private readonly EchoMask _mask = new(echoes);
    private readonly ArrayBufferWriter<byte> _decoded = new();
    private ContentDecoder? _decoder;

    /// <summary>What it looks for.</summary>
    public ValueAutomaton Echoes => echoes;

    /// <summary>The body's length changes: it is decoded.</summary>
    public bool Decodes => _decoder is not null;

    /// <returns>False when the body has a coding that cannot be undone: it could hide anything.</returns>
    public bool TryStart(ResponseHead head, bool hasBody)
    {
        _mask.Reset();
        _decoder?.Dispose();
        _decoder = null;
        if (!hasBody)
        {
            return true;
        }

        var codings = new List<string>();
        foreach (var field in head.Fields)
        {
            if (field.IsNamed("content-encoding"u8))
            {
                codings.Add(Encoding.Latin1.GetString(field.Value));
            }
            else if (field.IsNamed("grpc-encoding"u8) && !Ascii.EqualsIgnoreCase(field.Value, "identity"u8))
            {
                return false;
            }
        }

        return ContentDecoder.TryCreate(string.Join(',', codings), out _decoder);
    }

    /// <summary>Covers what was written since.</summary>
    public void Cover(ArrayBufferWriter<byte> output, int from) => _mask.Cover(MemoryMarshal.AsMemory(output.WrittenMemory[from..]).Span);

    /// <exception cref="InvalidDataException">The body is not what its coding says.</exception>
    public void Append(ReadOnlySpan<byte> data, BodyFraming framing, IBufferWriter<byte> output)
        => HeadWriter.Body(output, framing, _mask.Append(_decoder is null ? data : Decoded(data, isLast: false)));

    /// <exception cref="InvalidDataException">The body is not what its coding says.</exception>
    public void End(BodyFraming framing, IBufferWriter<byte> output)
    {
        if (_decoder is not null)
        {
            HeadWriter.Body(output, framing, _mask.Append(Decoded([], isLast: true)));
        }

        HeadWriter.Body(output, framing, _mask.End());
    }

    public void Dispose() => _decoder?.Dispose();

    private ReadOnlySpan<byte> Decoded(ReadOnlySpan<byte> data, bool isLast)
    {
        _decoded.ResetWrittenCount();
        _decoder!.Decode(data, isLast, _decoded);
        return _decoded.WrittenSpan;
    }
}
