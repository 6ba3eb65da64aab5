namespace Belljar.Store.Spool;

/// <summary>An event waiting to be sent, as its line; who waits for it is told, where somebody does.</summary>
internal sealed record QueuedEvent(byte[] Line, TaskCompletionSource? Durable);
