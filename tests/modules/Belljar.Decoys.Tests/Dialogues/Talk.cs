using System.Text;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Tests.Dialogues;

/// <summary>What came of sending some bytes to a dialogue: no stream, no clock, nothing that waits.</summary>
internal sealed record Talk(string Reply, bool IsOpen, IReadOnlyList<Report> Reports, bool StartsTls)
{
    public IReadOnlyList<AuthAttempt> Attempts => [.. Reports.OfType<AuthAttempt>()];

    public IReadOnlyList<CommandGiven> Commands => [.. Reports.OfType<CommandGiven>()];

    /// <param name="dialogue">One that has not begun.</param>
    /// <param name="pieces">What arrives; each is taken as far as it goes before the next one comes.</param>
    public static Talk Hold(IDialogue dialogue, params IEnumerable<string> pieces) => Hold(dialogue, pieces.Select(Encoding.Latin1.GetBytes));

    public static Talk Hold(IDialogue dialogue, IEnumerable<byte[]> pieces)
    {
        var reply = new StringBuilder();
        var reports = new List<Report>();
        var unread = new List<byte>();
        var step = dialogue.Begin();
        Note(step);
        foreach (var piece in pieces)
        {
            unread.AddRange(piece);
            while (!step.Closes && !step.StartsTls && unread.Count > 0)
            {
                var next = dialogue.Take([.. unread]);
                if (next is { Consumed: 0, Closes: false })
                {
                    break;
                }

                unread.RemoveRange(0, next.Consumed);
                step = next;
                Note(step);
            }
        }

        return new Talk(reply.ToString(), !step.Closes, reports, step.StartsTls);

        void Note(Step taken)
        {
            reply.Append(Encoding.Latin1.GetString(taken.Answer.Span));
            reports.AddRange(taken.Reports);
        }
    }

    /// <summary>Cut at every byte and byte by byte, the same is said and reported.</summary>
    public static void SameHoweverItIsCut(Func<IDialogue> begin, string sent, params IReadOnlyList<string> before)
    {
        var first = before.Select(Encoding.Latin1.GetBytes).ToList();
        var bytes = Encoding.Latin1.GetBytes(sent);
        var whole = Hold(begin(), [.. first, bytes]);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            AssertSame(whole, Hold(begin(), [.. first, bytes[..cut], bytes[cut..]]));
        }

        AssertSame(whole, Hold(begin(), [.. first, .. bytes.Select(b => new[] { b })]));
    }

    private static void AssertSame(Talk expected, Talk actual)
    {
        Assert.Equal(expected.Reply, actual.Reply);
        Assert.Equal(expected.IsOpen, actual.IsOpen);
        Assert.Equal(expected.Reports, actual.Reports);
    }
}
