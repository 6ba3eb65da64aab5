using System.Globalization;
using Belljar.Mail.Storage;
using Belljar.Mime.Text;

namespace Belljar.Mail.Hooks;

/// <summary>One hook that is to be fired for one message.</summary>
internal sealed record HookCall(HookOptions Hook, StoredDelivery Delivery)
{
    /// <summary>How sending ended; null for a message that came.</summary>
    public string? SendStatus { get; init; }

    public string Event => NameOf(Hook.Event);

    private const int LongestValue = 1000;

    /// <summary>All that a program is told beside the message itself. What strangers wrote is one line without controls.</summary>
    public IReadOnlyDictionary<string, string> Environment(string path)
    {
        var message = Delivery.Message;
        var variables = new Dictionary<string, string>
        {
            ["BELLJAR_EVENT"] = Event,
            ["BELLJAR_HOOK_NAME"] = Hook.Name,
            ["BELLJAR_MAILBOX"] = message.Mailbox,
            ["BELLJAR_ID"] = message.Id,
            ["BELLJAR_FILEPATH"] = path,
            ["BELLJAR_MESSAGE_ID"] = Line(message.Content.MessageId),
            ["BELLJAR_FROM"] = Line(message.Content.From),
            ["BELLJAR_TO"] = Line(message.Content.To),
            ["BELLJAR_SUBJECT"] = Line(message.Content.Subject),
            ["BELLJAR_DATE"] = (message.Content.Date ?? Delivery.ReceivedAt).ToString("O", CultureInfo.InvariantCulture),
            ["BELLJAR_TRUSTED"] = message.Trusted,
        };
        if (SendStatus is not null)
        {
            variables["BELLJAR_SEND_STATUS"] = Line(SendStatus);
        }

        return variables;
    }

    public static string NameOf(HookEvent hookEvent) => hookEvent is HookEvent.OnReceive ? "on_receive" : "after_send";

    private static string Line(string? text) => SafeText.OneLine(text ?? "", LongestValue);
}

/// <summary>How a hook went.</summary>
/// <param name="Outcome"><c>ok</c>, <c>failed</c>, <c>timeout</c>, <c>not_started</c>, <c>gone</c> (the message's file) or <c>dropped</c>.</param>
/// <param name="Code">The exit code, or the HTTP status.</param>
internal sealed record HookResult(string Outcome, int? Code = null, string Output = "", string Error = "");
