namespace Belljar.Protocols.Aimx;

/// <summary>Why a request was refused.</summary>
public enum AimxErrorCode
{
    /// <summary>The frame or the message cannot be parsed, a required field is missing, or a value is not one of those allowed.</summary>
    Malformed,

    /// <summary>An unknown verb, or an unknown JSON key.</summary>
    Protocol,

    /// <summary>A well-formed value that breaks a rule.</summary>
    Validation,

    /// <summary>From is not in a configured domain.</summary>
    Domain,

    /// <summary>From is no concrete mailbox; the mailbox to create is there already, the one to delete is not (or not yours).</summary>
    Mailbox,

    /// <summary>The named mailbox or hook does not exist.</summary>
    NoEntry,

    /// <summary>The message does not exist, or its id is not an id.</summary>
    NotFound,

    /// <summary>Not yours.</summary>
    NoAccess,

    /// <summary>Messages remain, and it was not forced.</summary>
    NonEmpty,

    /// <summary>A path is in the way.</summary>
    Conflict,

    /// <summary>There is no key, or signing failed.</summary>
    Sign,

    /// <summary>The mail gate refused, or the operator is asked: <c>pending REQUEST</c>.</summary>
    Policy,

    /// <summary>Refused for good by the other side.</summary>
    Delivery,

    /// <summary>Not now; try again.</summary>
    Temporary,

    /// <summary>The body is larger than is taken.</summary>
    BodyTooLarge,

    /// <summary>Storage failed, or the stored file is broken.</summary>
    Storage,
}

/// <param name="Reason">For the person or agent that asked; what it repeats of the request is made harmless when it is written.</param>
public sealed record AimxError(AimxErrorCode Code, string Reason);

/// <summary>How the codes are written.</summary>
public static class AimxErrorCodes
{
    private static readonly (AimxErrorCode Code, string Word)[] All =
    [
        (AimxErrorCode.Malformed, "MALFORMED"),
        (AimxErrorCode.Protocol, "PROTOCOL"),
        (AimxErrorCode.Validation, "VALIDATION"),
        (AimxErrorCode.Domain, "DOMAIN"),
        (AimxErrorCode.Mailbox, "MAILBOX"),
        (AimxErrorCode.NoEntry, "ENOENT"),
        (AimxErrorCode.NotFound, "NOTFOUND"),
        (AimxErrorCode.NoAccess, "EACCES"),
        (AimxErrorCode.NonEmpty, "NONEMPTY"),
        (AimxErrorCode.Conflict, "ECONFLICT"),
        (AimxErrorCode.Sign, "SIGN"),
        (AimxErrorCode.Policy, "POLICY"),
        (AimxErrorCode.Delivery, "DELIVERY"),
        (AimxErrorCode.Temporary, "TEMP"),
        (AimxErrorCode.BodyTooLarge, "BODY_TOO_LARGE"),
        (AimxErrorCode.Storage, "IO"),
    ];

    public static string Word(this AimxErrorCode code) => Array.Find(All, known => known.Code == code).Word;

    /// <returns>Null when this client is older than the code.</returns>
    public static AimxErrorCode? Parse(string word) => Array.Find(All, known => known.Word == word) is { Word: not null } found ? found.Code : null;
}
