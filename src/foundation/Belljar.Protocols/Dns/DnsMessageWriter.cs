using System.Buffers;
using System.Buffers.Binary;

namespace Belljar.Protocols.Dns;

/// <summary>Writes messages without compression: queries have nothing to compress, and answers are only written in tests and by decoys.</summary>
internal static class DnsMessageWriter
{
    private const ushort ClassIn = 1;

    public static byte[] Write(DnsMessage message)
    {
        var output = new ArrayBufferWriter<byte>(256);
        UInt16(output, message.Id);
        UInt16(output, Flags(message));
        UInt16(output, (ushort)message.Questions.Count);
        UInt16(output, (ushort)message.Answers.Count);
        UInt16(output, (ushort)message.Authorities.Count);
        UInt16(output, (ushort)(message.Additionals.Count + (message.Edns is null ? 0 : 1)));
        foreach (var question in message.Questions)
        {
            output.Write(question.Name.Wire);
            UInt16(output, (ushort)question.Type);
            UInt16(output, ClassIn);
        }

        foreach (var record in message.Answers.Concat(message.Authorities).Concat(message.Additionals))
        {
            Record(output, record);
        }

        if (message.Edns is { } edns)
        {
            output.Write(DnsName.Root.Wire);
            UInt16(output, (ushort)DnsType.Opt);
            UInt16(output, edns.PayloadSize);
            UInt32(output, edns.DnssecOk ? 0x8000u : 0);
            UInt16(output, 0);
        }

        return output.WrittenSpan.ToArray();
    }

    private static ushort Flags(DnsMessage message) => (ushort)(
        (message.IsResponse ? 0x8000 : 0)
        | ((message.Opcode & 0xF) << 11)
        | (message.IsAuthoritative ? 0x0400 : 0)
        | (message.IsTruncated ? 0x0200 : 0)
        | (message.RecursionDesired ? 0x0100 : 0)
        | (message.RecursionAvailable ? 0x0080 : 0)
        | (message.IsAuthentic ? 0x0020 : 0)
        | ((byte)message.ResponseCode & 0xF));

    private static void Record(ArrayBufferWriter<byte> output, DnsRecord record)
    {
        output.Write(record.Name.Wire);
        UInt16(output, (ushort)record.Type);
        UInt16(output, ClassIn);
        UInt32(output, record.TimeToLive);
        var data = new ArrayBufferWriter<byte>();
        Data(data, record.Data);
        UInt16(output, checked((ushort)data.WrittenCount));
        output.Write(data.WrittenSpan);
    }

    private static void Data(ArrayBufferWriter<byte> output, DnsData data)
    {
        switch (data)
        {
            case AddressData address:
                output.Write(address.Address.GetAddressBytes());
                break;
            case NameData name:
                output.Write(name.Target.Wire);
                break;
            case MxData mx:
                UInt16(output, mx.Preference);
                output.Write(mx.Exchange.Wire);
                break;
            case TxtData text:
                foreach (var part in text.Strings)
                {
                    output.Write([checked((byte)part.Length)]);
                    output.Write(part);
                }

                break;
            case SoaData soa:
                output.Write(soa.Server.Wire);
                output.Write(soa.Mailbox.Wire);
                foreach (var number in (ReadOnlySpan<uint>)[soa.Serial, soa.Refresh, soa.Retry, soa.Expire, soa.Minimum])
                {
                    UInt32(output, number);
                }

                break;
            case SrvData srv:
                UInt16(output, srv.Priority);
                UInt16(output, srv.Weight);
                UInt16(output, srv.Port);
                output.Write(srv.Target.Wire);
                break;
            case RawData raw:
                output.Write(raw.Octets);
                break;
        }
    }

    private static void UInt16(ArrayBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    private static void UInt32(ArrayBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }
}
