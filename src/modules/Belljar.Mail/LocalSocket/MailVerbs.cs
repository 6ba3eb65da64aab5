using System.Text;
using System.Text.Json;
using Belljar.Contracts.Wire;
using Belljar.Mail.Hooks;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Marking;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Protocols.Aimx;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.LocalSocket;

/// <summary>What each verb does. Every answer is a value; what fails on the disk is logged, and answered with <c>IO</c>.</summary>
internal sealed partial class MailVerbs(
    MailboxRegistry mailboxes, MailReader reader, MessageChanges changes, MailboxAccess access, string version, ILogger<MailVerbs> logger)
{
    private const int MostLabels = 50;
    private const int LongestLabel = 64;

    /// <summary>Where SEND goes; null where nothing is sent.</summary>
    public OutgoingMail? Outgoing { get; init; }

    /// <summary>Null where mailboxes and hooks stay as they are.</summary>
    public MailboxVerbs? Making { get; init; }

    /// <summary>Goes with <see cref="Making"/>.</summary>
    public HookVerbs? Hooking { get; init; }

    public async ValueTask<byte[]> AnswerAsync(AimxRequest request, ReadOnlyMemory<byte> body, PeerCredentials caller, CancellationToken ct)
    {
        try
        {
            return request.Verb switch
            {
                AimxVerb.Send when Outgoing is { } outgoing => await SendAsync(outgoing, request, body, caller, ct),
                AimxVerb.MailboxCreate when Making is { } making => OkUnless(await making.CreateAsync(request[AimxField.Name]!, request[AimxField.Owner], caller, ct)),
                AimxVerb.MailboxDelete when Making is { } making => OkUnless(await making.DeleteAsync(request[AimxField.Name]!, request.Says(AimxField.Force), caller, ct)),
                AimxVerb.HookCreate when Hooking is { } hooking => CreateHook(hooking, request, body, caller),
                AimxVerb.HookDelete when Hooking is { } hooking => DeleteHook(hooking, request, caller),
                _ => Answer(request, caller),
            };
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogFailed(failed, request.Verb);
            return Refuse(AimxErrorCode.Storage, "the files could not be read or written; the log says why");
        }
    }

    private async Task<byte[]> SendAsync(OutgoingMail outgoing, AimxRequest request, ReadOnlyMemory<byte> body, PeerCredentials caller, CancellationToken ct)
    {
        var how = new SubmitOptions
        {
            MaySendAs = mailbox => access.May(caller, mailbox),
            Wait = request.Says(AimxField.Wait),
            IdempotencyKey = request[AimxField.IdempotencyKey],
            Format = request.Says(AimxField.TextOnly) ? BodyFormat.AsItIs : BodyFormat.Markdown,
            Html = request.HtmlLength is null ? null : Encoding.UTF8.GetString(body.Span[request.ContentLength..]),
        };
        return await outgoing.SubmitAsync(body[..request.ContentLength], null, null, how, ct) switch
        {
            SubmitResult.Accepted { Outcome.IsFailed: true } failed => Refuse(AimxErrorCode.Delivery, failed.Outcome.Reason),
            SubmitResult.Accepted accepted => AimxReply.Accepted(accepted.MessageId),
            SubmitResult.Refused refused => AimxReply.Refusal(refused.Error),
            var other => throw new InvalidOperationException($"{other} has no reply."),
        };
    }

    private byte[] Answer(AimxRequest request, PeerCredentials caller) => request.Verb switch
    {
        AimxVerb.Version => AimxReply.Json(JsonSerializer.SerializeToUtf8Bytes(new VersionAnswer(version), LocalSocketJson.Default.VersionAnswer)),
        AimxVerb.MailboxList => AimxReply.Json(JsonSerializer.SerializeToUtf8Bytes(Mailboxes(caller), LocalSocketJson.Default.MailboxAnswerArray)),
        AimxVerb.HookList => Hooks(request, caller),
        AimxVerb.MarkRead => Change(request, caller, (mailbox, folder, id) => changes.MarkRead(mailbox, folder, id, read: true)),
        AimxVerb.MarkUnread => Change(request, caller, (mailbox, folder, id) => changes.MarkRead(mailbox, folder, id, read: false)),
        AimxVerb.Delete => Change(request, caller, changes.Delete),
        AimxVerb.Label => Label(request, caller),
        AimxVerb.Move => Move(request, caller),
        _ => Refuse(AimxErrorCode.Protocol, $"this server does not offer {request.Verb.Word()} yet"),
    };

    private byte[] Label(AimxRequest request, PeerCredentials caller)
    {
        var labels = request[AimxField.Labels]!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct().ToList();
        return labels.Count > MostLabels || labels.Exists(label => label.Length > LongestLabel)
            ? Refuse(AimxErrorCode.Validation, $"at most {MostLabels} labels of at most {LongestLabel} characters")
            : Change(request, caller, (mailbox, folder, id) => changes.Label(mailbox, folder, id, labels));
    }

    private byte[] Move(AimxRequest request, PeerCredentials caller)
    {
        var to = request[AimxField.To]!;
        if (Deny(to, caller) is { } denied)
        {
            return denied;
        }

        return to == request[AimxField.Mailbox]
            ? Refuse(AimxErrorCode.Validation, "the message is in that mailbox already")
            : Change(request, caller, (mailbox, folder, id) => changes.Move(mailbox, folder, id, to, out _));
    }

    private byte[] Change(AimxRequest request, PeerCredentials caller, Func<string, MailFolder, string, ChangeOutcome> change)
    {
        var mailbox = request[AimxField.Mailbox]!;
        if (Deny(mailbox, caller) is { } denied)
        {
            return denied;
        }

        var id = request[AimxField.Id]!;
        return change(mailbox, request.Folder == "sent" ? MailFolder.Sent : MailFolder.Inbox, id) switch
        {
            ChangeOutcome.Done => AimxReply.Ok,
            ChangeOutcome.NoMessage => Refuse(AimxErrorCode.NotFound, $"there is no message '{id}' in '{mailbox}'"),
            ChangeOutcome.NoMailbox => Refuse(AimxErrorCode.NoEntry, $"there is no mailbox '{request[AimxField.To]}'"),
            ChangeOutcome.Broken => Refuse(AimxErrorCode.Storage, $"the file of '{id}' has no frontmatter that can be understood; it was left as it is"),
            var outcome => throw new InvalidOperationException($"{outcome} has no reply."),
        };
    }

    private byte[] CreateHook(HookVerbs hooking, AimxRequest request, ReadOnlyMemory<byte> body, PeerCredentials caller)
    {
        var mailbox = request[AimxField.Mailbox]!;
        return Deny(mailbox, caller) ?? OkUnless(hooking.Create(mailbox, request[AimxField.Event]!, request[AimxField.Name], body.Span, caller));
    }

    private byte[] DeleteHook(HookVerbs hooking, AimxRequest request, PeerCredentials caller)
    {
        var mailbox = request[AimxField.Mailbox]!;
        return Deny(mailbox, caller) ?? OkUnless(hooking.Delete(mailbox, request[AimxField.Name]!));
    }

    /// <returns>Null when the caller may.</returns>
    private byte[]? Deny(string name, PeerCredentials caller)
    {
        if (mailboxes.Find(name) is not { } mailbox)
        {
            return Refuse(AimxErrorCode.NoEntry, $"there is no mailbox '{name}'");
        }

        return access.May(caller, mailbox) ? null : Refuse(AimxErrorCode.NoAccess, $"the mailbox '{name}' is not yours");
    }

    private MailboxAnswer[] Mailboxes(PeerCredentials caller)
    {
        var own = mailboxes.Options.Mailboxes.Where(mailbox => access.May(caller, mailbox)).ToDictionary(mailbox => mailbox.Name);
        return
        [
            .. reader.Mailboxes().Where(summary => own.ContainsKey(summary.Name)).Select(summary => new MailboxAnswer(
                summary.Name, own[summary.Name].Address, own[summary.Name].Addresses, summary.Messages, summary.Unread, own[summary.Name].Trust is TrustPolicy.Verified ? "verified" : "none")),
        ];
    }

    private byte[] Hooks(AimxRequest request, PeerCredentials caller)
    {
        var name = request[AimxField.Mailbox];
        if (name is not null && Deny(name, caller) is { } denied)
        {
            return denied;
        }

        var hooks = mailboxes.Options.Mailboxes
            .Where(mailbox => (name is null || mailbox.Name == name) && access.May(caller, mailbox))
            .SelectMany(mailbox => mailbox.Hooks.Select(hook => new HookAnswer(mailbox.Name, hook.Name, HookCall.NameOf(hook.Event), hook.FireOnUntrusted)));
        return AimxReply.Json(JsonSerializer.SerializeToUtf8Bytes([.. hooks], LocalSocketJson.Default.HookAnswerArray));
    }

    private static byte[] OkUnless(AimxError? error) => error is null ? AimxReply.Ok : AimxReply.Refusal(error);

    private static byte[] Refuse(AimxErrorCode code, string reason) => AimxReply.Refusal(new AimxError(code, reason));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Verb} of the mail socket could not be carried out")]
    private partial void LogFailed(Exception failed, AimxVerb verb);
}
