namespace Belljar.Decoys.Dialogues;

/// <summary>
/// One product's side of one connection, free of I/O: bytes in, steps out. <see cref="DialogueLoop"/> is the thin loop around it.
/// </summary>
internal interface IDialogue
{
    /// <summary>How long the visitor may take over his next message, as the product has it or tighter.</summary>
    TimeSpan Patience { get; }

    /// <summary>What is said before the visitor has said anything.</summary>
    Step Begin();

    /// <summary>
    /// Takes the first message of what has arrived. Nothing consumed means that more is needed; then the same bytes come
    /// again, with more behind them. What a message may hold is bounded here; at the bound the step closes.
    /// </summary>
    Step Take(ReadOnlySpan<byte> unread);

    /// <summary>He took too long.</summary>
    Step TimedOut();
}

/// <summary>Whoever can begin to speak TLS.</summary>
internal interface ITlsIdentity
{
    System.Net.Security.SslServerAuthenticationOptions Options { get; }
}
