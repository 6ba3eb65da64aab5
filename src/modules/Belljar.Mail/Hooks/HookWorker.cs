using System.Threading.Channels;
using Belljar.Contracts.Events;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Hooks;

/// <summary>
/// Fires hooks, a few at a time, on its own. Who stores mail only puts a call into the queue, which is bounded: what does
/// not fit is reported as dropped, and the message lies in its mailbox all the same. The queue is memory: a restart
/// drops what waits in it.
/// </summary>
internal sealed partial class HookWorker : BackgroundService
{
    private const int MostWaiting = 1000;
    private const int AtOnce = 4;

    private readonly MailboxRegistry _mailboxes;
    private readonly MailLayout _layout;
    private readonly IEventSink _events;
    private readonly TimeProvider _clock;
    private readonly ILogger<HookWorker> _logger;
    private readonly HookProgram _program;
    private readonly HookPost _post;
    private readonly Channel<HookCall> _waiting = Channel.CreateBounded<HookCall>(MostWaiting);

    public HookWorker(MailboxRegistry mailboxes, MailLayout layout, IEventSink events, TimeProvider clock, ILogger<HookWorker> logger)
    {
        _mailboxes = mailboxes;
        _layout = layout;
        _events = events;
        _clock = clock;
        _logger = logger;
        _program = new HookProgram(clock);
        _post = new HookPost(clock);
    }

    /// <summary>Queues the mailbox's hooks for a message that came. Never waits.</summary>
    public void Stored(StoredDelivery delivery)
    {
        foreach (var hook in HooksOf(delivery.Message.Mailbox, HookEvent.OnReceive))
        {
            // Only proof counts: "none" is the absence of any.
            if (delivery.Message.Trusted == "true" || hook.FireOnUntrusted)
            {
                Queue(new HookCall(hook, delivery));
            }
        }
    }

    /// <summary>Queues the sender's hooks for a message whose sending is over. Never waits.</summary>
    public void Sent(SentMessage sent)
    {
        var message = sent.Message;
        var hooks = HooksOf(message.Mailbox!, HookEvent.AfterSend).ToList();
        if (hooks.Count > 0)
        {
            var own = new DeliveredMessage(message.Mailbox!, message.Stem!, MimeContent.Read(message.Raw), "none");
            hooks.ForEach(hook => Queue(new HookCall(hook, new StoredDelivery(own, message.Sender, message.CreatedAt)) { SendStatus = sent.Status }));
        }
    }

    public override void Dispose()
    {
        _post.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(() => ServeAsync(stoppingToken), CancellationToken.None)));

    private IEnumerable<HookOptions> HooksOf(string mailbox, HookEvent hookEvent) => _mailboxes.Find(mailbox)?.Hooks.Where(hook => hook.Event == hookEvent) ?? [];

    private void Queue(HookCall call)
    {
        if (!_waiting.Writer.TryWrite(call))
        {
            Report(call, new HookResult("dropped", Error: $"{MostWaiting} calls wait already"), TimeSpan.Zero);
        }
    }

    private async Task ServeAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var call in _waiting.Reader.ReadAllAsync(stopping))
            {
                var began = _clock.GetTimestamp();
                Report(call, await FireAsync(call, stopping), _clock.GetElapsedTime(began));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task<HookResult> FireAsync(HookCall call, CancellationToken stopping)
    {
        try
        {
            var message = call.Delivery.Message;
            var folder = call.Hook.Event is HookEvent.OnReceive ? MailFolder.Inbox : MailFolder.Sent;

            // A mailbox that was deleted meanwhile has no owner any more: nothing may run for it, least of all as us.
            if (_mailboxes.Find(message.Mailbox) is not { } mailbox || new MailboxFolder(_layout.Mailbox(folder, message.Mailbox)).Find(message.Id) is not { Path: var path })
            {
                return new HookResult("gone");
            }

            return call.Hook.Action switch
            {
                HookAction.Run run => await _program.RunAsync(call, run.Command, mailbox.Owner, path, stopping),
                HookAction.Post post => await _post.SendAsync(call, post, path, stopping),
                var unknown => throw new InvalidOperationException($"There is no hook action {unknown}."),
            };
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            LogBroken(failed, call.Hook.Name);
            return new HookResult("not_started", Error: failed.Message);
        }
    }

    private void Report(HookCall call, HookResult result, TimeSpan took)
    {
        var message = call.Delivery.Message;
        LogFired(call.Hook.Name, message.Mailbox, message.Id, result.Outcome, result.Code, result.Error);
        var payload = new MailHook(call.Hook.Name, message.Id, result.Outcome, result.Code, (long)took.TotalMilliseconds, result.Output, result.Error);
        _events.Post(EventKinds.MailHook.At(_clock, payload, result.Outcome == "ok" ? Severity.Info : Severity.Warning) with { Mailbox = message.Mailbox });
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "hook {Hook} of {Mailbox} for {Id}: {Outcome} {Code} {Error}")]
    private partial void LogFired(string hook, string mailbox, string id, string outcome, int? code, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "hook {Hook} failed")]
    private partial void LogBroken(Exception failed, string hook);
}
