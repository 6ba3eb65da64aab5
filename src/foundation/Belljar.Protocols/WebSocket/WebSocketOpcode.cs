namespace Belljar.Protocols.WebSocket;

/// <summary>RFC 6455 §5.2. The others are reserved.</summary>
public enum WebSocketOpcode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>Why a frame was refused; the connection must be closed.</summary>
public enum WebSocketRefusal
{
    None,

    /// <summary>A reserved bit: it belongs to an extension, and none was agreed on.</summary>
    ReservedBit,
    ReservedOpcode,

    /// <summary>A client must mask, a server must not (§5.1).</summary>
    WrongMask,

    /// <summary>A control frame that is fragmented or longer than 125 bytes (§5.5).</summary>
    ControlMalformed,

    /// <summary>A length in more bytes than it needs, or beyond 2^63 (§5.2).</summary>
    LengthMalformed,

    /// <summary>A continuation of nothing, or a new message inside another (§5.4).</summary>
    OutOfOrder,
}

/// <summary>What a refusal says, with its clause.</summary>
public static class WebSocketRefusals
{
    public static string Describe(this WebSocketRefusal refusal) => refusal switch
    {
        WebSocketRefusal.None => "",
        WebSocketRefusal.ReservedBit => "a reserved bit is set although no extension was agreed on (RFC 6455 §5.2)",
        WebSocketRefusal.ReservedOpcode => "the opcode is reserved (RFC 6455 §5.2)",
        WebSocketRefusal.WrongMask => "a client must mask its frames and a server must not (RFC 6455 §5.1)",
        WebSocketRefusal.ControlMalformed => "a control frame is fragmented or too long (RFC 6455 §5.5)",
        WebSocketRefusal.LengthMalformed => "a frame's length is not in its shortest form (RFC 6455 §5.2)",
        _ => "a fragment is out of order (RFC 6455 §5.4)",
    };
}
