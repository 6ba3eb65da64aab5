using System.Net;

namespace Belljar.Net;

/// <summary>Turns a name into addresses. A seam: tests answer from a list.</summary>
public interface INameResolver
{
    /// <summary>Never throws for a name that does not resolve.</summary>
    /// <param name="name">A DNS name (<see cref="HostKind.Name"/>), lower case.</param>
    ValueTask<Resolution> ResolveAsync(string name, CancellationToken ct);
}

/// <param name="Addresses">In the order in which they should be tried; empty when there are none.</param>
/// <param name="Failure">Why there are none, in a few words for people; null otherwise.</param>
public readonly record struct Resolution(IReadOnlyList<IPAddress> Addresses, string? Failure);
