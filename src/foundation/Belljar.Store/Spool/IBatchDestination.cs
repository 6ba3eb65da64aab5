using Belljar.Store.Ingest;

namespace Belljar.Store.Spool;

/// <summary>Where batches of a spool go: over the socket, or, in the recorder itself, straight to its writer.</summary>
internal interface IBatchDestination
{
    /// <param name="lines">Events as JSON Lines, at most one frame's body.</param>
    /// <param name="ct">Ends the wait.</param>
    Task<BatchOutcome> SendAsync(ReadOnlyMemory<byte> lines, CancellationToken ct);
}
