using System.Buffers;
using System.Text;
using Belljar.Protocols.Http1;

namespace Belljar.Protocols.Http2;

/// <summary>
/// The field section of a request (RFC 9113 §8.3.1), checked, and said in the words of HTTP/1.1: so there is one place only
/// where a request is judged, whatever it came in. What passes here means the same in both.
/// </summary>
public sealed class RequestFields
{
    private static readonly string[] Names = [":method", ":scheme", ":authority", ":path"];

    private readonly byte[]?[] _pseudo = new byte[Names.Length][];
    private readonly ArrayBufferWriter<byte> _cookies = new();

    /// <summary>Of the request that was read last; empty before its method is known.</summary>
    public string Method { get; private set; } = "";

    /// <summary>What content-length says; null when it says nothing.</summary>
    public long? Length { get; private set; }

    /// <summary>Reads a section and writes its head: the request line, Host, the fields, what frames the body.</summary>
    /// <param name="isWhole">No body and no trailers follow.</param>
    /// <param name="head">Nothing of use when it is refused.</param>
    public Http2Refusal Read(FieldSection section, bool isWhole, IBufferWriter<byte> head)
    {
        Array.Clear(_pseudo);
        _cookies.ResetWrittenCount();
        (Method, Length) = ("", null);
        if (section.IsTooLarge)
        {
            return Http2Refusal.FieldsTooLarge;
        }

        var refusal = Pseudo(section, out var first);
        refusal = refusal is Http2Refusal.None ? Fields(section, first) : refusal;
        refusal = refusal is Http2Refusal.None ? Target(out _) : refusal;
        if (refusal is not Http2Refusal.None)
        {
            return refusal;
        }

        if (isWhole && Length > 0)
        {
            return Http2Refusal.LengthWrong;
        }

        Write(section, first, isWhole, head);
        return Http2Refusal.None;
    }

    private Http2Refusal Pseudo(FieldSection section, out int first)
    {
        for (first = 0; first < section.Count && section[first].IsPseudo; first++)
        {
            var field = section[first];
            var name = Encoding.Latin1.GetString(field.Name);
            var index = Array.IndexOf(Names, name);
            if (index < 0)
            {
                return Http2Refusal.PseudoHeaderUnknown;
            }

            if (_pseudo[index] is not null)
            {
                return Http2Refusal.PseudoHeaderRepeated;
            }

            _pseudo[index] = field.Value.ToArray();
        }

        if (_pseudo[0] is not { } method)
        {
            return Http2Refusal.PseudoHeaderMissing;
        }

        if (!Octets.IsToken(method))
        {
            return Http2Refusal.MethodMalformed;
        }

        Method = Encoding.ASCII.GetString(method);
        return Http2Refusal.None;
    }

    private Http2Refusal Fields(FieldSection section, int first)
    {
        for (var i = first; i < section.Count; i++)
        {
            var field = section[i];
            if (field.IsPseudo)
            {
                return Http2Refusal.PseudoHeaderLate;
            }

            var refusal = FieldRules.Check(field);
            if (refusal is not Http2Refusal.None)
            {
                return refusal;
            }

            switch (KnownFields.Of(field.Name))
            {
                case KnownField.Host when _pseudo[2] is null:
                    _pseudo[2] = field.Value.ToArray();
                    break;
                case KnownField.Host when !Ascii.EqualsIgnoreCase(field.Value, _pseudo[2]):
                    return Http2Refusal.AuthorityDisagrees;
                case KnownField.ContentLength:
                    if (Length is not null || !BodyFraming.TryLength(field.Value, out var length))
                    {
                        return Http2Refusal.LengthMalformed;
                    }

                    Length = length;
                    break;
            }

            if (field.Name.SequenceEqual("cookie"u8))
            {
                // Sent in crumbs, to be read as one (RFC 9113 §8.2.3).
                _cookies.Write(_cookies.WrittenCount > 0 ? "; "u8 : []);
                _cookies.Write(field.Value);
            }
        }

        return Http2Refusal.None;
    }

    private Http2Refusal Target(out Authority authority)
    {
        authority = default;
        var isConnect = Method == "CONNECT";
        if (_pseudo[2] is not { } named || isConnect != _pseudo[1] is null || isConnect != _pseudo[3] is null)
        {
            return Http2Refusal.PseudoHeaderMissing;
        }

        if (!Authority.TryParse(named, out authority) || (isConnect && authority.Port is null))
        {
            return Http2Refusal.AuthorityMalformed;
        }

        if (isConnect)
        {
            return Http2Refusal.None;
        }

        if (!_pseudo[1].AsSpan().SequenceEqual("https"u8))
        {
            return Http2Refusal.SchemeMalformed;
        }

        var path = _pseudo[3].AsSpan();
        var isPath = path is [(byte)'/', ..] || (path is [(byte)'*'] && Method == "OPTIONS");
        return isPath && !path.ContainsAnyExcept(Octets.Target) ? Http2Refusal.None : Http2Refusal.PathMalformed;
    }

    private void Write(FieldSection section, int first, bool isWhole, IBufferWriter<byte> head)
    {
        HeadWriter.RequestLine(head, Method, Encoding.ASCII.GetString(_pseudo[3] ?? _pseudo[2]!));
        HeadWriter.Field(head, "host"u8, _pseudo[2]);
        for (var i = first; i < section.Count; i++)
        {
            var field = section[i];
            if (KnownFields.Of(field.Name) is not (KnownField.Host or KnownField.ContentLength or KnownField.Te) && !field.Name.SequenceEqual("cookie"u8))
            {
                HeadWriter.Field(head, field.Name, field.Value);
            }
        }

        if (_cookies.WrittenCount > 0)
        {
            HeadWriter.Field(head, "cookie"u8, _cookies.WrittenSpan);
        }

        if (Method == "CONNECT")
        {
            // What follows it is no body, and no other request.
            HeadWriter.Field(head, "connection"u8, "close"u8);
        }
        else if (!isWhole || Length is not null || Method is "POST" or "PUT" or "PATCH")
        {
            HeadWriter.Framing(head, isWhole ? BodyFraming.Of(0) : Length is { } length ? BodyFraming.Of(length) : BodyFraming.Chunked);
        }

        HeadWriter.End(head);
    }
}
