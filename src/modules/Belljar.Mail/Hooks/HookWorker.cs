using System.Threading.Channels;
using Belljar.Contracts.Events;
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

    private readonly MailOptions _options;
    private readonly MailLayout _layout;
    private readonly IEventSink _events;
    private readonly TimeProvider _clock;
    private readonly ILogger<HookWorker> _logger;
    private readonly HookProgram _program;
    private readonly HookPost _post;
    private readonly Channel<HookCall> _waiting = Channel.CreateBounded<HookCall>(MostWaiting);

    public HookWorker(MailOptions options, MailLayout layout, IEventSink events, TimeProvider clock, ILogger<HookWorker> logger)
    {
        _options = options;
        _layout = layout;
        _events = events;
        _clock = clock;
        _logger = logger;
        _program = new HookProgram(clock);
        _post = new HookPost(clock);
    }

    /// <summary>Queues the mailbox's hooks for a message that came. Never waits.</summary>
    public void Stored(StoredDelivery delivery) => Queue(HookEvent.OnReceive, delivery, sendStatus: null);

    /// <summary>The place of <c>after_send</c>: whoever sends calls it with the outcome. Never waits.</summary>
    public void Sent(StoredDelivery delivery, string sendStatus) => Queue(HookEvent.AfterSend, delivery, sendStatus);

    public override void Dispose()
    {
        _post.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(() => ServeAsync(stoppingToken), CancellationToken.None)));

    private void Queue(HookEvent hookEvent, StoredDelivery delivery, string? sendStatus)
    {
        var message = delivery.Message;
        foreach (var hook in _options.FindMailbox(message.Mailbox)?.Hooks.Where(hook => hook.Event == hookEvent) ?? [])
        {
            // Only proof counts: "none" is the absence of any. What the mailbox sent itself needs none.
            if (hookEvent is HookEvent.OnReceive && message.Trusted != "true" && !hook.FireOnUntrusted)
            {
                continue;
            }

            var call = new HookCall(hook, delivery) { SendStatus = sendStatus };
            if (!_waiting.Writer.TryWrite(call))
            {
                Report(call, new HookResult("dropped", Error: $"{MostWaiting} calls wait already"), TimeSpan.Zero);
            }
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
            if (new MailboxFolder(_layout.Mailbox(MailFolder.Inbox, message.Mailbox)).Find(message.Id) is not { Path: var path })
            {
                return new HookResult("gone");
            }

            return call.Hook.Action switch
            {
                HookAction.Run run => await _program.RunAsync(call, run.Command, _options.FindMailbox(message.Mailbox)?.Owner, path, stopping),
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
