namespace Belljar.Decoys.Http.Apache;

/// <summary>A request that Apache has understood.</summary>
/// <param name="Address">Name and port as an error page's signature shows them.</param>
/// <param name="IsKept">The connection stays after the answer.</param>
internal sealed record ApacheRequest(RequestHead Head, ApacheTarget Target, HttpPlace Place, string Address, bool IsKept);
