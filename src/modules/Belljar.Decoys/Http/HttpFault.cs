namespace Belljar.Decoys.Http;

/// <summary>Why a head is refused before it means anything.</summary>
internal enum HttpFault
{
    None,
    Malformed,
    UriTooLong,
    FieldTooLong,
    TooManyFields,
    VersionNotSupported,
    Timeout,
}
