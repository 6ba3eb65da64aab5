using System.Buffers;
using System.Text;
using Belljar.Egress.Bodies;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Scanning;

/// <summary>
/// The other readings of a request's body, each scanned beside the body as it is: decoded when it is coded, unescaped when
/// it is a form or JSON. A finding in one of them has no place in the bytes that are sent, so it cannot be covered.
/// </summary>
internal sealed class BodyViews : IDisposable
{
    /// <summary>A body that decodes to more than this is not looked at any longer, and does not pass.</summary>
    public const long MostDecoded = 1L << 30;

    private readonly ContentDecoder? _decoder;
    private readonly IContentScan? _decoded;
    private readonly Unescaper? _unescaper;
    private readonly IContentScan? _unescaped;
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly List<byte> _plain = [];
    private long _length;

    private BodyViews(IContentScanner scanner, ContentDecoder? decoder, BodyEscapes escapes)
    {
        _decoder = decoder;
        _decoded = decoder is null ? null : scanner.Begin();
        _unescaper = escapes is BodyEscapes.None ? null : new Unescaper(escapes);
        _unescaped = _unescaper is null ? null : scanner.Begin();
    }

    public List<ContentFinding> Findings { get; } = [];

    /// <summary>Over the budget: what is behind was not looked at.</summary>
    public bool IsExhausted => _length > MostDecoded || _decoded?.IsExhausted is true || _unescaped?.IsExhausted is true;

    /// <param name="allowed">Codings that pass unread.</param>
    /// <param name="isDecoded">The body's coding was undone already.</param>
    /// <returns>False when the body has a coding that cannot be undone.</returns>
    public static bool TryCreate(IContentScanner scanner, RequestHead head, IReadOnlyList<string> allowed, bool isDecoded, out BodyViews? views)
    {
        views = null;
        var codings = isDecoded ? "" : Codings(head);
        ContentDecoder? decoder = null;
        if (!ContentDecoder.TryCreate(codings, out decoder)
            && !codings.Split(',', StringSplitOptions.TrimEntries).All(coding => allowed.Contains(coding.ToLowerInvariant()) || ContentDecoder.Knows(coding.ToLowerInvariant())))
        {
            return false;
        }

        var type = string.Join(',', Values(head, "content-type"u8)).ToLowerInvariant();
        var escapes = type.Contains("urlencoded") ? BodyEscapes.Percent : type.Contains("json") || type.Contains("javascript") ? BodyEscapes.Backslash : BodyEscapes.None;
        views = Of(scanner, decoder, escapes);
        return true;
    }

    /// <summary>Of one message inside a body.</summary>
    /// <returns>Null when it is read as it is.</returns>
    public static BodyViews? Of(IContentScanner scanner, ContentDecoder? decoder, BodyEscapes escapes)
        => decoder is null && escapes is BodyEscapes.None ? null : new BodyViews(scanner, decoder, escapes);

    /// <summary>The codings of a request's body, the outermost last; empty for none.</summary>
    public static string Codings(RequestHead head) => string.Join(',', Values(head, "content-encoding"u8));

    /// <exception cref="InvalidDataException">The body is not what its coding says.</exception>
    public void Append(ReadOnlySpan<byte> data, bool isLast)
    {
        if (_decoder is not null)
        {
            _output.ResetWrittenCount();
            _decoder.Decode(data, isLast, _output);
            _length += _output.WrittenCount;
            _decoded!.Append(_output.WrittenSpan, Findings);
            data = _output.WrittenSpan;
        }

        if (_unescaper is not null)
        {
            _plain.Clear();
            _unescaper.Append(data, _plain);
            _unescaped!.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_plain), Findings);
        }

        if (isLast)
        {
            _decoded?.End(Findings);
            _unescaped?.End(Findings);
        }
    }

    public void Dispose()
    {
        _decoder?.Dispose();
        _decoded?.Dispose();
        _unescaped?.Dispose();
    }

    private static List<string> Values(RequestHead head, ReadOnlySpan<byte> name)
    {
        var values = new List<string>();
        foreach (var field in head.Fields)
        {
            if (field.IsNamed(name))
            {
                values.Add(Encoding.Latin1.GetString(field.Value));
            }
        }

        return values;
    }
}
