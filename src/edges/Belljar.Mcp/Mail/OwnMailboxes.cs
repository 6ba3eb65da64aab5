using System.Text.Json;
using Belljar.Hosting;
using Belljar.Mail.LocalSocket;
using Belljar.Protocols.Aimx;

namespace Belljar.Mcp.Mail;

/// <summary>What the daemon says is this user's.</summary>
internal static class OwnMailboxes
{
    /// <returns>Name → address.</returns>
    /// <exception cref="OperatorException">The daemon does not answer, or refuses.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> AskAsync(MailSocketClient daemon, CancellationToken ct)
    {
        var answer = await daemon.AskAsync(AimxVerb.MailboxList, [], default, ct);
        if (answer.Error is { } error)
        {
            throw new OperatorException($"{error.Code.Word()}: {error.Reason}");
        }

        using var own = JsonDocument.Parse(answer.Json);
        return own.RootElement.EnumerateArray().ToDictionary(mailbox => mailbox.GetProperty("name").GetString()!, mailbox => mailbox.GetProperty("address").GetString()!);
    }
}
