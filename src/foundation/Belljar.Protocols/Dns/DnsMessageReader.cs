using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Belljar.Protocols.Dns;

/// <summary>
/// Reads one message, all of it or nothing. Bounds: a message is 65,535 octets at most, 16 questions; a compression pointer
/// points backwards to before every pointer that was followed for the same name (so a loop is impossible), and every name is
/// limited to 255 octets however it is put together. What follows the last record is ignored.
/// </summary>
internal ref struct DnsMessageReader(ReadOnlySpan<byte> bytes)
{
    private const int HeaderLength = 12;
    private const int MostQuestions = 16;
    private const ushort ClassIn = 1;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;
    private DnsEdns? _edns;

    public bool TryRead([NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        if (_bytes.Length is < HeaderLength or > ushort.MaxValue)
        {
            return false;
        }

        var flags = BinaryPrimitives.ReadUInt16BigEndian(_bytes[2..]);
        var counts = (Questions: Count(4), Answers: Count(6), Authorities: Count(8), Additionals: Count(10));
        _at = HeaderLength;
        if (!TryReadQuestions(counts.Questions, out var questions)
            || !TryReadRecords(counts.Answers, out var answers)
            || !TryReadRecords(counts.Authorities, out var authorities)
            || !TryReadRecords(counts.Additionals, out var additionals))
        {
            return false;
        }

        message = new DnsMessage
        {
            Id = BinaryPrimitives.ReadUInt16BigEndian(_bytes),
            IsResponse = (flags & 0x8000) != 0,
            Opcode = (byte)((flags >> 11) & 0xF),
            IsAuthoritative = (flags & 0x0400) != 0,
            IsTruncated = (flags & 0x0200) != 0,
            RecursionDesired = (flags & 0x0100) != 0,
            RecursionAvailable = (flags & 0x0080) != 0,
            IsAuthentic = (flags & 0x0020) != 0,
            ResponseCode = (DnsResponseCode)(flags & 0xF),
            Questions = questions,
            Answers = answers,
            Authorities = authorities,
            Additionals = additionals,
            Edns = _edns,
        };
        return true;
    }

    private readonly int Count(int at) => BinaryPrimitives.ReadUInt16BigEndian(_bytes[at..]);

    private bool TryReadQuestions(int count, out List<DnsQuestion> questions)
    {
        questions = [];
        if (count > MostQuestions)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            if (!TryReadName(_bytes.Length, out var name) || !TryReadUInt16(_bytes.Length, out var type) || !TryReadUInt16(_bytes.Length, out var @class))
            {
                return false;
            }

            if (@class == ClassIn)
            {
                questions.Add(new DnsQuestion(name, (DnsType)type));
            }
        }

        return true;
    }

    /// <summary>The list grows as records are found: a count costs nothing (a record is 11 octets at least).</summary>
    private bool TryReadRecords(int count, out List<DnsRecord> records)
    {
        records = [];
        for (var i = 0; i < count; i++)
        {
            var end = _bytes.Length;
            if (!TryReadName(end, out var name)
                || !TryReadUInt16(end, out var type)
                || !TryReadUInt16(end, out var @class)
                || !TryReadUInt32(end, out var timeToLive)
                || !TryReadUInt16(end, out var length)
                || length > end - _at)
            {
                return false;
            }

            var dataEnd = _at + length;
            if ((DnsType)type == DnsType.Opt)
            {
                _edns ??= new DnsEdns(@class, (timeToLive & 0x8000) != 0);
            }
            else if (@class == ClassIn)
            {
                if (!TryReadData((DnsType)type, dataEnd, out var data))
                {
                    return false;
                }

                records.Add(new DnsRecord(name, (DnsType)type, timeToLive > int.MaxValue ? 0 : timeToLive, data));
            }

            _at = dataEnd;
        }

        return true;
    }

    /// <summary>The data fills its length exactly, or the message is refused.</summary>
    private bool TryReadData(DnsType type, int end, [NotNullWhen(true)] out DnsData? data)
    {
        data = type switch
        {
            DnsType.A => ReadAddress(end, 4),
            DnsType.Aaaa => ReadAddress(end, 16),
            DnsType.CName or DnsType.NS or DnsType.Ptr => TryReadName(end, out var target) ? new NameData(target) : null,
            DnsType.MX => TryReadUInt16(end, out var preference) && TryReadName(end, out var exchange) ? new MxData(preference, exchange) : null,
            DnsType.Txt => ReadText(end),
            DnsType.Soa => ReadSoa(end),
            DnsType.Srv => TryReadUInt16(end, out var priority) && TryReadUInt16(end, out var weight) && TryReadUInt16(end, out var port)
                && TryReadName(end, out var host) ? new SrvData(priority, weight, port, host) : null,
            _ => ReadRaw(end),
        };
        return data is not null && _at == end;
    }

    private AddressData? ReadAddress(int end, int length)
    {
        if (end - _at != length)
        {
            return null;
        }

        var address = new IPAddress(_bytes.Slice(_at, length));
        _at = end;
        return new AddressData(address);
    }

    private TxtData? ReadText(int end)
    {
        var strings = new List<byte[]>(1);
        while (_at < end)
        {
            int length = _bytes[_at++];
            if (length > end - _at)
            {
                return null;
            }

            strings.Add(_bytes.Slice(_at, length).ToArray());
            _at += length;
        }

        return new TxtData(strings);
    }

    private SoaData? ReadSoa(int end) =>
        TryReadName(end, out var server) && TryReadName(end, out var mailbox)
        && TryReadUInt32(end, out var serial) && TryReadUInt32(end, out var refresh) && TryReadUInt32(end, out var retry)
        && TryReadUInt32(end, out var expire) && TryReadUInt32(end, out var minimum)
            ? new SoaData(server, mailbox, serial, refresh, retry, expire, minimum)
            : null;

    private RawData ReadRaw(int end)
    {
        var octets = _bytes[_at..end].ToArray();
        _at = end;
        return new RawData(octets);
    }

    private bool TryReadUInt16(int end, out ushort value)
    {
        value = 0;
        if (end - _at < 2)
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt16BigEndian(_bytes[_at..]);
        _at += 2;
        return true;
    }

    private bool TryReadUInt32(int end, out uint value)
    {
        value = 0;
        if (end - _at < 4)
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt32BigEndian(_bytes[_at..]);
        _at += 4;
        return true;
    }

    /// <summary>RFC 1035, 4.1.4. The part that stands here ends before <paramref name="end"/>; what a pointer leads to may stand anywhere before it.</summary>
    private bool TryReadName(int end, out DnsName name)
    {
        name = DnsName.Root;
        Span<byte> wire = stackalloc byte[DnsName.LongestName];
        var length = 0;
        var at = _at;
        var bound = end;
        var floor = _at;
        var jumped = false;
        while (true)
        {
            if (at >= bound)
            {
                return false;
            }

            int label = _bytes[at];
            if (label >= 0xC0)
            {
                if (at + 2 > bound)
                {
                    return false;
                }

                var target = ((label & 0x3F) << 8) | _bytes[at + 1];
                if (target >= floor || target < HeaderLength)
                {
                    return false;
                }

                _at = jumped ? _at : at + 2;
                jumped = true;
                bound = _bytes.Length;
                floor = at = target;
                continue;
            }

            // 0x40 and 0x80 are extended labels that nobody uses (RFC 6891, 5).
            if (label > DnsName.LongestLabel || at + 1 + label > bound || length + 1 + label > wire.Length)
            {
                return false;
            }

            _bytes.Slice(at, label + 1).CopyTo(wire[length..]);
            length += label + 1;
            at += label + 1;
            if (label == 0)
            {
                _at = jumped ? _at : at;
                name = length == 1 ? DnsName.Root : DnsName.FromWire(wire[..length].ToArray());
                return true;
            }
        }
    }
}
