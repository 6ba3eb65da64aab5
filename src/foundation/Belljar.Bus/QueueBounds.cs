namespace Belljar.Bus;

/// <summary>
/// How much one subscriber may be behind. Whichever bound is met first, the oldest messages go; the newest always stays.
/// </summary>
/// <param name="Messages">Messages in the queue.</param>
/// <param name="Bytes">
/// Bytes of the envelopes in the queue: 4096 of the longest would be 4 GiB for each subscriber that is stuck.
/// </param>
public sealed record QueueBounds(int Messages = 4096, long Bytes = 32 * 1024 * 1024);
