using System.Text.Json;
using Belljar.Hosting;
using Belljar.Mail.LocalSocket;
using Belljar.Mcp.Tools;
using Belljar.Mime.Headers;
using Belljar.Protocols.Aimx;

namespace Belljar.Mcp.Mail;

/// <summary>What the daemon says is this user's.</summary>
internal sealed class OwnMailboxes
{
    private readonly IReadOnlyDictionary<string, string> _addresses;

    private OwnMailboxes(IReadOnlyDictionary<string, string> addresses) => _addresses = addresses;

    /// <exception cref="OperatorException">The daemon does not answer, or refuses.</exception>
    public static async Task<OwnMailboxes> AskAsync(MailSocketClient daemon, CancellationToken ct)
    {
        var answer = await daemon.AskAsync(AimxVerb.MailboxList, [], default, ct);
        if (answer.Error is { } error)
        {
            throw new OperatorException($"{error.Code.Word()}: {error.Reason}");
        }

        using var own = JsonDocument.Parse(answer.Json);
        return new OwnMailboxes(own.RootElement.EnumerateArray().ToDictionary(mailbox => mailbox.GetProperty("name").GetString()!, mailbox => mailbox.GetProperty("address").GetString()!));
    }

    public bool Has(string mailbox) => _addresses.ContainsKey(mailbox);

    /// <summary>The address to write from; null when it is not this user's.</summary>
    public MailAddress? AddressOf(string mailbox) => _addresses.TryGetValue(mailbox, out var address) ? new MailAddress(null, address) : null;

    public ToolResult Missing() => ToolResult.Error("ENOENT", $"there is no mailbox of that name that you may use; there are: {string.Join(", ", _addresses.Keys.DefaultIfEmpty("none"))}");
}
