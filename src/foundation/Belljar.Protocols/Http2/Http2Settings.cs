using System.Buffers.Binary;

namespace Belljar.Protocols.Http2;

/// <summary>RFC 9113 §6.5.2. A number that is not here is ignored.</summary>
public enum Http2Setting : ushort
{
    HeaderTableSize = 1,
    EnablePush = 2,
    MaxConcurrentStreams = 3,
    InitialWindowSize = 4,
    MaxFrameSize = 5,
    MaxHeaderListSize = 6,
}

/// <summary>What the peer has set, as far as it matters to us: our frames are never longer than the least that it must take.</summary>
public sealed class Http2Settings
{
    public const int DefaultWindow = 65_535;

    public int InitialWindow { get; private set; } = DefaultWindow;

    /// <param name="payload">Of a SETTINGS frame that is no acknowledgement; its length was checked.</param>
    public Http2ErrorCode Apply(ReadOnlySpan<byte> payload)
    {
        for (; payload.Length >= 6; payload = payload[6..])
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
            switch ((Http2Setting)BinaryPrimitives.ReadUInt16BigEndian(payload))
            {
                case Http2Setting.EnablePush when value > 1:
                case Http2Setting.MaxFrameSize when value is < Frame.LongestPayload or >= 1 << 24:
                    return Http2ErrorCode.ProtocolError;
                case Http2Setting.InitialWindowSize when value > int.MaxValue:
                    return Http2ErrorCode.FlowControlError;
                case Http2Setting.InitialWindowSize:
                    InitialWindow = (int)value;
                    break;
            }
        }

        return Http2ErrorCode.NoError;
    }
}
