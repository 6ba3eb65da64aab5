namespace Belljar.Decoys.Http;

/// <summary>The first line of a request, as a product reads it. Text is Latin-1, so that nothing is lost.</summary>
/// <param name="Target">Byte for byte as sent.</param>
/// <param name="Major">0 for HTTP/0.9, which has no version and no header.</param>
internal sealed record RequestLine(string Method, string Target, int Major, int Minor)
{
    public HttpFault Fault { get; init; }

    public bool IsHttp09 => Major == 0;

    public bool IsAtLeast11 => Major > 1 || (Major == 1 && Minor >= 1);

    /// <summary>A line that is no request: all of it is kept as the target.</summary>
    public static RequestLine Broken(string line, HttpFault fault = HttpFault.Malformed) => new("", line, 1, 1) { Fault = fault };
}
