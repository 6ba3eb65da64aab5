namespace Belljar.Protocols.Http2;

/// <summary>RFC 9113 §6. Any other number is a frame that is to be ignored (§5.5).</summary>
public enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    RstStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>What a bit of a frame's flags means depends on its type.</summary>
[Flags]
public enum FrameFlags : byte
{
    None = 0,

    /// <summary>DATA, HEADERS: nothing more comes on this stream.</summary>
    EndStream = 0x1,

    /// <summary>SETTINGS, PING: an acknowledgement.</summary>
    Ack = EndStream,

    /// <summary>HEADERS, CONTINUATION: the field section is whole.</summary>
    EndHeaders = 0x4,

    /// <summary>DATA, HEADERS.</summary>
    Padded = 0x8,

    /// <summary>HEADERS: five bytes of a priority that nobody follows any more.</summary>
    Priority = 0x20,
}
