using Belljar.Mail.Outgoing;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Protocols.Aimx;

namespace Belljar.Mail.Tests.Outgoing;

public sealed class QueueTests : IAsyncDisposable
{
    private readonly OutgoingRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Deferred_IsTriedOnSchedule_ThenDelivered()
    {
        _rig.Sink.Reply = command => command.StartsWith("RCPT", StringComparison.Ordinal) ? "451 4.7.1 greylisted" : null;
        await _rig.StartAsync();
        await _rig.AcceptAsync();
        await _rig.TriedAsync(1);
        var attempts = 1;
        foreach (var minutes in new[] { 1, 5, 15, 30, 60, 120, 240, 480, 480 })
        {
            // Not a moment before its time …
            _rig.Clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(10));
            Assert.Equal(attempts, Assert.Single(_rig.Mail.Queue.List()).Attempts);
            _rig.Clock.Advance(TimeSpan.FromSeconds(16));
            await _rig.TriedAsync(++attempts);
        }

        await OutgoingRig.UntilAsync(() => _rig.SentCopy().Frontmatter.GetString("delivery_status") == "deferred");
        Assert.Contains("451 4.7.1 greylisted [mx.b.example]", _rig.SentCopy().Frontmatter.GetStrings("delivery_details")![0], StringComparison.Ordinal);
        _rig.Sink.Reply = _ => null;
        _rig.AdvanceToNextAttempt();
        await _rig.EmptyAsync();
        Assert.Single(_rig.Sink.Messages);
        var copy = _rig.SentCopy().Frontmatter;
        Assert.Equal("delivered", copy.GetString("delivery_status"));
        Assert.NotNull(copy.GetDateTime("delivered_at"));
        Assert.True(copy.GetBoolean("outbound"));
        Assert.Empty(_rig.Reader.List("agent"));
    }

    [Fact]
    public async Task Expired_AfterFiveDays_IsReported()
    {
        _rig.Network.IsUnreachable = _ => true;
        await _rig.StartAsync();
        await _rig.AcceptAsync();
        await _rig.TriedAsync(1);
        await _rig.AdvanceUntilAsync(TimeSpan.FromHours(3), () => _rig.Reader.List("agent").Count == 1);
        await _rig.EmptyAsync();

        // Eight hours is the longest rest, and the last try comes when the five days are over.
        Assert.True(_rig.Clock.GetUtcNow() - new DateTimeOffset(2026, 3, 14, 9, 26, 53, TimeSpan.Zero) >= TimeSpan.FromDays(5));
        Assert.Equal("failed", _rig.SentCopy().Frontmatter.GetString("delivery_status"));
        Assert.Contains("expired", _rig.SentCopy().Frontmatter.GetStrings("delivery_details")![0], StringComparison.Ordinal);
        Assert.Contains("Status: 4.4.1", Report(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_IsReportedAtOnce_AndTheAddressSuppressed()
    {
        _rig.Sink.Reply = command => command.StartsWith("RCPT TO:<bob", StringComparison.Ordinal) ? "550 5.1.1 no such user" : null;
        await _rig.StartAsync();
        await _rig.AcceptAsync("From: agent@mx.test\nTo: bob@b.example, berta@b.example\nSubject: Grüße\n\nx\n");
        await OutgoingRig.UntilAsync(() => _rig.Reader.List("agent").Count == 1);
        await _rig.EmptyAsync();

        Assert.Equal("partial", _rig.SentCopy().Frontmatter.GetString("delivery_status"));
        Assert.Single(_rig.Sink.Messages);
        var report = Report();
        Assert.Contains("Final-Recipient: rfc822; bob@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.b.example\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user", report, StringComparison.Ordinal);
        Assert.Contains("report-type=delivery-status", report, StringComparison.Ordinal);
        Assert.Contains("Return-Path: <>", report, StringComparison.Ordinal);
        Assert.DoesNotContain("berta@b.example\r\nAction", report, StringComparison.Ordinal);

        var again = Assert.IsType<SubmitResult.Refused>(await _rig.SubmitAsync("From: agent@mx.test\nTo: BOB@b.example\n\nx\n"));
        Assert.Equal(AimxErrorCode.Policy, again.Error.Code);
        Assert.True(await _rig.Mail.Queue.ReleaseAsync("Bob@b.example"));
        _rig.Sink.Reply = _ => null;
        await _rig.AcceptAsync();
    }

    [Theory]
    [InlineData("550 5.7.1 not from you")]
    [InlineData("552 5.2.2 full")]
    public async Task RefusalThatIsNotAboutTheAddress_SuppressesNobody(string reply)
    {
        _rig.Sink.Reply = command => command.StartsWith("RCPT", StringComparison.Ordinal) ? reply : null;
        await _rig.StartAsync();
        await _rig.AcceptAsync();
        await OutgoingRig.UntilAsync(() => _rig.Reader.List("agent").Count == 1);
        Assert.Empty(_rig.Mail.Queue.Suppressed());
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied", false)]
    [InlineData("Auto-Submitted: auto-generated; x=y", false)]
    [InlineData("Auto-Submitted: no", true)]
    public async Task AutomaticMail_IsNeverAnswered(string field, bool isAnswered)
    {
        _rig.Sink.Reply = command => command == "." ? "554 5.7.1 no" : null;
        await _rig.StartAsync();
        await _rig.AcceptAsync($"From: agent@mx.test\nTo: bob@b.example\n{field}\n\nx\n");
        await _rig.EmptyAsync();
        Assert.Equal(isAnswered ? 1 : 0, _rig.Reader.List("agent").Count);
    }

    /// <summary>A report that cannot be delivered ends there: it has no sender.</summary>
    [Fact]
    public async Task Report_ThatIsRefused_IsNotReported()
    {
        await _rig.StartAsync();
        _rig.Sink.Reply = command => command.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 no" : null;
        var sender = new NewMessage("q1", "m1@mx.test", null, null, "", "text", null, "From: x@mx.test\r\n\r\nx\r\n"u8.ToArray(), false, false, true, [new("bob", "b.example")]);
        Assert.IsType<EnqueueResult.Queued>(await _rig.Mail.Queue.EnqueueAsync(sender, null, [], 0));
        _rig.Clock.Advance(TimeSpan.FromSeconds(6));
        await _rig.EmptyAsync();
        Assert.Contains(_rig.Sink.Commands, command => command.StartsWith("MAIL FROM:<>", StringComparison.Ordinal));
        Assert.Empty(_rig.Reader.List("agent"));
    }

    /// <summary>Else it could be found in the queue and sent before the runner knows that it will be handed over.</summary>
    [Fact]
    public async Task Storing_IsToldBeforeTheMessageCanBeRead()
    {
        await _rig.StartAsync();
        await _rig.Mail.StopAsync(CancellationToken.None);
        var seen = new List<int>();
        var message = new NewMessage("q1", "m1@mx.test", null, null, "", "text", null, "From: x@mx.test\r\n\r\nx\r\n"u8.ToArray(), false, false, true, [new("bob", "b.example")]);
        var queued = Assert.IsType<EnqueueResult.Queued>(await _rig.Mail.Queue.EnqueueAsync(message, null, [], 0, _ => seen.Add(_rig.Mail.Queue.All().Count)));
        Assert.Equal([0], seen);
        Assert.Equal([queued.Key], _rig.Mail.Queue.All());
        Assert.Equal(_rig.Mail.Queue.Find(queued.Key)!.Recipients, queued.Recipients);
    }

    [Theory]
    [InlineData(null, true, false, "250 2.0.0 taken")]
    [InlineData("451 4.3.0 later", false, false, "451 4.3.0 later")]
    [InlineData("554 5.7.1 never", false, true, "554 5.7.1 never")]
    public async Task Wait_AnswersWithTheFirstAttempts(string? reply, bool isDelivered, bool isFailed, string said)
    {
        _rig.Sink.Reply = command => command == "." ? reply : null;
        await _rig.StartAsync();
        var accepted = await _rig.AcceptAsync(options: OutgoingRig.Anybody with { Wait = true });
        Assert.Equal((isDelivered, isFailed), (accepted.Outcome!.IsDelivered, accepted.Outcome.IsFailed));
        Assert.StartsWith(said, Assert.Single(accepted.Outcome.Recipients).Reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WhileTheDaemonStops_EndsWithoutOutcome()
    {
        _rig.Sink.IsSilent = command => command.StartsWith("MAIL", StringComparison.Ordinal);
        await _rig.StartAsync();
        var waiting = _rig.AcceptAsync(options: OutgoingRig.Anybody with { Wait = true });
        await OutgoingRig.UntilAsync(() => _rig.Sink.Commands.Any(command => command.StartsWith("MAIL", StringComparison.Ordinal)));
        await _rig.StopAsync();
        Assert.Null((await waiting).Outcome);
    }

    /// <summary>The operator's commands are another process: they open the file beside the daemon.</summary>
    [Fact]
    public async Task ListRetryAndDrop_WorkBesideTheDaemon()
    {
        _rig.Sink.Reply = command => command.StartsWith("RCPT", StringComparison.Ordinal) ? "451 4.7.1 later" : null;
        await _rig.StartAsync();
        var first = await _rig.AcceptAsync();
        await _rig.TriedAsync(1);
        using var command = MailQueue.Open(_rig.Folder, _rig.Clock);
        var entry = Assert.Single(command.List());
        Assert.Equal((first.QueueId, "agent", "bob@b.example", 1), (entry.Id, entry.Mailbox, entry.Recipient, entry.Attempts));

        Assert.Equal(1, await command.RetryAsync(first.QueueId));
        _rig.Clock.Advance(TimeSpan.FromSeconds(6));
        await _rig.TriedAsync(2);
        Assert.Equal(0, await command.RetryAsync("unknown"));
        Assert.Equal(0, await command.DropAsync(first.QueueId, "other@b.example"));
        Assert.Equal(1, await command.DropAsync(first.QueueId, null));
        _rig.Clock.Advance(TimeSpan.FromSeconds(6));
        await _rig.EmptyAsync();
        Assert.Equal("dropped", _rig.SentCopy().Frontmatter.GetString("delivery_status"));
        Assert.Empty(_rig.Reader.List("agent"));
    }

    [Fact]
    public async Task MailboxOfOurOwn_IsDeliveredHere()
    {
        await _rig.StartAsync();
        var accepted = await _rig.AcceptAsync("From: agent@mx.test\nTo: second@mx.test, who@mx.test\nSubject: in the house\n\nx\n", OutgoingRig.Anybody with { Wait = true });
        Assert.Equal([RecipientState.Delivered, RecipientState.Failed], accepted.Outcome!.Recipients.Select(recipient => recipient.State));
        Assert.Equal("in the house", Assert.Single(_rig.Reader.List("second")).Subject);
        Assert.Empty(_rig.Network.Dialled);
    }

    [Fact]
    public async Task Restart_GoesOnWithWhatWaits_AndWritesMissingCopies()
    {
        _rig.Network.IsUnreachable = _ => true;
        await _rig.StartAsync();
        await _rig.AcceptAsync();
        await _rig.TriedAsync(1);
        await _rig.StopAsync();
        Directory.Delete(Path.Combine(_rig.Folder, "sent"), recursive: true);
        _rig.Network.IsUnreachable = _ => false;
        await _rig.StartAsync();
        Assert.Equal("deferred", _rig.SentCopy().Frontmatter.GetString("delivery_status"));
        _rig.AdvanceToNextAttempt();
        await _rig.EmptyAsync();
        Assert.Equal("delivered", _rig.SentCopy().Frontmatter.GetString("delivery_status"));
        Assert.Single(_rig.Sink.Messages);
    }

    [Fact]
    public async Task SentCopy_ThatItsOwnerChanged_KeepsTheChanges()
    {
        _rig.Network.IsUnreachable = _ => true;
        await _rig.StartAsync();
        await _rig.AcceptAsync("From: agent@mx.test\nTo: bob@b.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Disposition: attachment; filename=f.bin\n\nxyz\n--b--\n");
        await _rig.TriedAsync(1);
        await OutgoingRig.UntilAsync(() => _rig.SentCopy().Frontmatter.GetString("delivery_status") == "deferred");
        var copy = _rig.SentCopy();
        Assert.Single(copy.AttachmentPaths);
        await File.WriteAllTextAsync(copy.Path, (await File.ReadAllTextAsync(copy.Path)).Replace("outbound = true", "outbound = true\nlabels = [\"mine\"]") + "a note\n");
        _rig.Network.IsUnreachable = _ => false;
        _rig.AdvanceToNextAttempt();
        await _rig.EmptyAsync();
        copy = _rig.SentCopy();
        Assert.Equal(["mine"], copy.Frontmatter.GetStrings("labels"));
        Assert.EndsWith("a note\n", copy.Body, StringComparison.Ordinal);
        Assert.Equal("delivered", copy.Frontmatter.GetString("delivery_status"));
    }

    [Fact]
    public async Task SentCopy_ThatItsOwnerDeleted_DoesNotComeBack()
    {
        _rig.Network.IsUnreachable = _ => true;
        await _rig.StartAsync();
        await _rig.AcceptAsync();
        await OutgoingRig.UntilAsync(() => _rig.Reader.List("agent", MailFolder.Sent) is [_] && _rig.SentCopy().Frontmatter.GetString("delivery_status") == "deferred");
        var copy = _rig.SentCopy();
        File.Delete(copy.Path);
        File.Delete(copy.RawPath!);
        _rig.Network.IsUnreachable = _ => false;
        _rig.AdvanceToNextAttempt();
        await _rig.EmptyAsync();
        Assert.Single(_rig.Sink.Messages);
        Assert.Empty(_rig.Reader.List("agent", MailFolder.Sent));
    }

    /// <summary>A power cut may leave the names of files whose content never reached the disk.</summary>
    [Fact]
    public async Task SentCopy_ThatAPowerCutEmptied_IsWrittenAnew()
    {
        _rig.Network.IsUnreachable = _ => true;
        await _rig.StartAsync();
        await _rig.AcceptAsync();
        await _rig.TriedAsync(1);
        await _rig.StopAsync();
        var copy = _rig.SentCopy();
        await File.WriteAllBytesAsync(copy.Path, []);
        await File.WriteAllBytesAsync(copy.RawPath!, []);
        await _rig.StartAsync();
        Assert.Equal("Hi Bob.\n", _rig.SentCopy().Body);
        Assert.Contains("Hi Bob.", await File.ReadAllTextAsync(_rig.SentCopy().RawPath!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyMessages_FewConnections_NoneLost()
    {
        await _rig.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => _rig.AcceptAsync($"From: agent@mx.test\nTo: bob@b.example\nSubject: {i}\n\nx\n")));
        await _rig.EmptyAsync();
        Assert.Equal(60, _rig.Sink.Messages.Select(message => message.Text.Split("Subject: ")[1].Split('\r')[0]).Distinct().Count());
        Assert.Equal(60, _rig.Sink.Messages.Count);
        Assert.True(_rig.Sink.Connections < 60, $"{_rig.Sink.Connections} connections");
        Assert.Equal(60, _rig.Reader.List("agent", MailFolder.Sent).Count);
    }

    private string Report()
    {
        StoredMessage report = _rig.Reader.Show("agent", Assert.Single(_rig.Reader.List("agent")).Id)!;
        return File.ReadAllText(report.RawPath!);
    }
}
