using System.Text;

namespace Belljar.Decoys.Dialogues;

/// <summary>
/// What follows from one message, in this order: the reports are recorded, the pause passes, the answer is sent, and then
/// either TLS begins, or the work is done and gives a further step, or the connection ends.
/// </summary>
internal sealed record Step
{
    public static readonly Step NeedsMore = new();

    public int Consumed { get; init; }

    public ReadOnlyMemory<byte> Answer { get; init; }

    public IReadOnlyList<Report> Reports { get; init; } = [];

    /// <summary>Products wait before they refuse a password.</summary>
    public TimeSpan Pause { get; init; }

    public bool StartsTls { get; init; }

    public bool Closes { get; init; }

    /// <summary>What cannot be done without the network: a second connection. It consumes nothing.</summary>
    public Func<CancellationToken, Task<Step>>? Work { get; init; }

    public static Step Say(ReadOnlyMemory<byte> answer) => new() { Answer = answer };

    /// <param name="answer">Latin-1: one byte for each character.</param>
    public static Step Say(string answer) => Say(Encoding.Latin1.GetBytes(answer));

    public Step After(int consumed) => this with { Consumed = consumed };

    public Step Reporting(params IReadOnlyList<Report> reports) => this with { Reports = [.. Reports, .. reports] };

    public Step Closing() => this with { Closes = true };
}
