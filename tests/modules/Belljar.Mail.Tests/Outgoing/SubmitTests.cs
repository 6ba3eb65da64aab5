using System.Text;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Storage;
using Belljar.Mime;
using Belljar.Protocols.Aimx;

namespace Belljar.Mail.Tests.Outgoing;

public sealed class SubmitTests : IAsyncDisposable
{
    private readonly OutgoingRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task ToCcAndBcc_AllReceive_AndBccIsNotShown()
    {
        await _rig.StartAsync();
        await _rig.AcceptAsync("From: agent@mx.test\nTo: bob@b.example, Bob <BOB@b.example>\nCc: carl@c.example\nBcc: dora@b.example,\n emil@c.example\nReturn-Path: <x@y.test>\nSubject: x\n\n.hi\n");
        await _rig.EmptyAsync();

        Assert.Equal(
            ["bob@b.example", "carl@c.example", "dora@b.example", "emil@c.example"],
            _rig.Sink.Messages.SelectMany(message => message.Recipients).Select(line => line.Split('<', '>')[1]).Order());
        Assert.All(_rig.Sink.Messages, message =>
        {
            Assert.DoesNotContain("dora", message.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("Bcc", message.Text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Return-Path", message.Text, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n.hi\r\n", message.Text, StringComparison.Ordinal);
            Assert.StartsWith("MAIL FROM:<agent@mx.test>", message.From, StringComparison.Ordinal);
            var parsed = MimeMessage.Parse(Encoding.UTF8.GetBytes(message.Text));
            Assert.Equal(_rig.Clock.GetUtcNow(), parsed.Date);
            Assert.EndsWith("@mx.test", parsed.MessageId, StringComparison.Ordinal);
        });
        Assert.Equal("dora@b.example, emil@c.example", _rig.SentCopy().Frontmatter.GetString("bcc"));
    }

    [Theory]
    [InlineData("From: a@other.test\nTo: b@b.example\n\nx\n", AimxErrorCode.Domain)]
    [InlineData("From: nobody@mx.test\nTo: b@b.example\n\nx\n", AimxErrorCode.Mailbox)]
    [InlineData("From: anybody@rest.test\nTo: b@b.example\n\nx\n", AimxErrorCode.Domain)]
    [InlineData("From: second@mx.test\nTo: b@b.example\n\nx\n", AimxErrorCode.NoAccess)]
    [InlineData("To: b@b.example\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\nTo: b@b.example\nFrom: second@mx.test\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test, second@mx.test\nTo: b@b.example\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\nTo: b@b.example\nTo: c@b.example\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\nTo: b@b.example\nno field\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\nTo: b@b.example\nDate: soon\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\nTo: b@b.example\nMessage-ID: <a> <b>\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\nTo: b@b_example..x\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\nTo: b\n\nx\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\nTo: b@b.example\n\nx\0y\n", AimxErrorCode.Malformed)]
    [InlineData("From: agent@mx.test\nTo: b@b.example", AimxErrorCode.Malformed)]
    [InlineData("hello", AimxErrorCode.Malformed)]
    [InlineData("", AimxErrorCode.Malformed)]
    public async Task WhatMayNotLeave_IsRefusedAndKeptNowhere(string text, AimxErrorCode code)
    {
        await _rig.StartAsync();
        var result = await _rig.SubmitAsync(text, options: new SubmitOptions { MaySendAs = mailbox => mailbox.Name == "agent" });
        Assert.Equal(code, Assert.IsType<SubmitResult.Refused>(result).Error.Code);
        Assert.Empty(_rig.Mail.Queue.List());
        Assert.Empty(_rig.Reader.List("agent", MailFolder.Sent));
    }

    [Fact]
    public async Task CatchAll_IsNobodysAddressToWriteFrom()
    {
        var rest = new MailboxOptions("rest", ["*@mx.test"], TrustPolicy.None, null);
        var policy = new SenderPolicy(TestMail.Options with { Mailboxes = [TestMail.Agent, rest] }, new OutgoingOptions());
        Assert.Null(policy.FindSender(new("who", "mx.test"), _ => true, out var error));
        Assert.Equal(AimxErrorCode.Mailbox, error!.Code);
        Assert.Null(policy.FindSender(new("*", "mx.test"), _ => true, out _));
        Assert.Equal("agent", policy.FindSender(new("AGENT+tag", "MX.test"), _ => true, out _)!.Name);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Envelope_OfTheCallersOwn_IsUsedInsteadOfTheHeaders()
    {
        await _rig.StartAsync();
        Assert.IsType<SubmitResult.Accepted>(await _rig.SubmitAsync(OutgoingRig.Letter, "second@mx.test", ["carl@c.example", "CARL@C.example"]));
        await _rig.EmptyAsync();
        var message = Assert.Single(_rig.Sink.Messages);
        Assert.StartsWith("MAIL FROM:<second@mx.test>", message.From, StringComparison.Ordinal);
        Assert.StartsWith("RCPT TO:<carl@c.example>", Assert.Single(message.Recipients), StringComparison.Ordinal);

        var foreign = await _rig.SubmitAsync(OutgoingRig.Letter, "a@other.test", ["carl@c.example"]);
        Assert.Equal(AimxErrorCode.Domain, Assert.IsType<SubmitResult.Refused>(foreign).Error.Code);
        var forged = await _rig.SubmitAsync(OutgoingRig.Letter, "agent@mx.test", ["carl@c.example>\r\nRCPT TO:<eve@c.example"]);
        Assert.Equal(AimxErrorCode.Malformed, Assert.IsType<SubmitResult.Refused>(forged).Error.Code);
    }

    [Fact]
    public async Task IdempotencyKey_Repeated_SendsOnce()
    {
        await _rig.StartAsync();
        var options = OutgoingRig.Anybody with { IdempotencyKey = "k1" };
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _rig.AcceptAsync(options: options)));
        Assert.Single(results.Select(result => (result.MessageId, result.QueueId)).Distinct());
        await _rig.EmptyAsync();
        Assert.Equal(results[0].MessageId, (await _rig.AcceptAsync(options: options)).MessageId);
        Assert.Single(_rig.Sink.Messages);
        Assert.Single(_rig.Reader.List("agent", MailFolder.Sent));

        var other = await _rig.SubmitAsync(OutgoingRig.Letter + "more\n", options: options);
        Assert.Equal(AimxErrorCode.Validation, Assert.IsType<SubmitResult.Refused>(other).Error.Code);
        _rig.Clock.Advance(TimeSpan.FromHours(24.1));
        Assert.NotEqual(results[0].MessageId, (await _rig.AcceptAsync(options: options)).MessageId);
    }

    [Fact]
    public async Task Gate_Refuses_WithTheRulesNameAlone()
    {
        _rig.Gate = new RefusingGate();
        await _rig.StartAsync();
        var result = await _rig.SubmitAsync(OutgoingRig.Letter);
        Assert.Equal(new AimxError(AimxErrorCode.Policy, "aws-access-key"), Assert.IsType<SubmitResult.Refused>(result).Error);
        Assert.Empty(_rig.Mail.Queue.List());
    }

    /// <summary>Two programs that answer each other never end; a person may answer whatever he likes.</summary>
    [Theory]
    [InlineData("auto-replied", "Auto-Submitted: auto-replied\n", true)]
    [InlineData("auto-replied", "List-Id: <all.mx.test>\n", true)]
    [InlineData("auto-replied", "", false)]
    [InlineData("no", "Auto-Submitted: auto-replied\n", false)]
    public async Task AutomaticReply_ToAutomaticMail_IsRefused(string autoSubmitted, string field, bool isRefused)
    {
        await _rig.StartAsync();
        await _rig.AcceptAsync($"From: second@mx.test\nTo: agent@mx.test\nMessage-ID: <first@mx.test>\n{field}\nx\n", OutgoingRig.Anybody with { Wait = true });
        var result = await _rig.SubmitAsync($"From: agent@mx.test\nTo: second@mx.test\nIn-Reply-To: <first@mx.test>\nAuto-Submitted: {autoSubmitted}\n\ny\n");
        Assert.Equal(isRefused, result is SubmitResult.Refused { Error.Code: AimxErrorCode.Policy });
    }

    [Fact]
    public async Task SendTo_OnlyWhomTheMailboxMayWriteTo()
    {
        _rig.Options = _rig.Options with { AllowedRecipients = new Dictionary<string, IReadOnlyList<string>> { ["agent"] = ["*@b.example"] } };
        await _rig.StartAsync();
        await _rig.AcceptAsync();
        var result = await _rig.SubmitAsync("From: agent@mx.test\nTo: bob@b.example\nBcc: eve@c.example\n\nx\n");
        Assert.Equal(AimxErrorCode.Policy, Assert.IsType<SubmitResult.Refused>(result).Error.Code);
    }

    [Fact]
    public async Task RecipientsPerHour_AreBounded()
    {
        _rig.Options = _rig.Options with { MostRecipientsPerHour = 2 };
        await _rig.StartAsync();
        await _rig.AcceptAsync();
        await _rig.AcceptAsync();
        Assert.Equal(AimxErrorCode.Temporary, Assert.IsType<SubmitResult.Refused>(await _rig.SubmitAsync(OutgoingRig.Letter)).Error.Code);
        _rig.Clock.Advance(TimeSpan.FromHours(1));
        await _rig.AcceptAsync();
    }

    [Fact]
    public async Task NoKey_IsSignAndSaysWhatToDo()
    {
        _rig.Options = _rig.Options with { Sign = true };
        await _rig.StartAsync();
        var refused = Assert.IsType<SubmitResult.Refused>(await _rig.SubmitAsync(OutgoingRig.Letter));
        Assert.Equal(AimxErrorCode.Sign, refused.Error.Code);
        Assert.Contains("belljar mail dkim-keygen mx.test", refused.Error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Markdown_GetsHtmlBeside_AndAttachmentsStay()
    {
        await _rig.StartAsync();
        var options = OutgoingRig.Anybody with { Format = BodyFormat.Markdown };
        await _rig.AcceptAsync("From: agent@mx.test\nTo: bob@b.example\nSubject: Grüße\n\n# Hi\n\n<script>alert(1)</script> [x](javascript:alert(1)) **bold** " + new string('x', 1200) + "\n", options);
        await _rig.AcceptAsync(
            "From: agent@mx.test\nTo: bob@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n*text*\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n\nPDF\n--b--\n", options);
        await _rig.EmptyAsync();
        var messages = _rig.Sink.Messages.Select(message => MimeMessage.Parse(Encoding.UTF8.GetBytes(message.Text))).ToList();
        var plain = messages.Single(message => message.Subject == "Grüße");
        Assert.Contains("<strong>bold</strong>", plain.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", plain.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("javascript:", plain.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("**bold**", plain.TextBody, StringComparison.Ordinal);
        var mixed = messages.Single(message => message.Subject is null);
        Assert.Contains("<em>text</em>", mixed.HtmlBody, StringComparison.Ordinal);
        Assert.Equal("a.pdf", Assert.Single(mixed.Attachments).FileName);
    }

    /// <summary>Whatever is handed in, the answer is a value, and what is accepted can be read again.</summary>
    [Fact]
    public void Reader_AnyBytes_NeverThrows()
    {
        byte[][] samples = [Encoding.UTF8.GetBytes(OutgoingRig.Letter), "From: a@mx.test\r\nBcc: b@c.d, \"x\\\" y\"@c.d\r\nTo: grüße@münchen.example\r\n\r\nx"u8.ToArray()];
        byte[][] words = ["\r\n"u8.ToArray(), "\n\n"u8.ToArray(), "From: "u8.ToArray(), "Bcc:"u8.ToArray(), "<"u8.ToArray(), "@"u8.ToArray(), "\r"u8.ToArray(), "Content-Type: text/plain\r\n"u8.ToArray()];
        Belljar.Testing.Fuzz.Run(samples, words, bytes =>
        {
            if (OutgoingMessageReader.TryRead(bytes, new OutgoingOptions(), TimeProvider.System, null, out var error) is { } message)
            {
                Assert.Null(error);
                var again = OutgoingMessageReader.TryRead(message.Raw, new OutgoingOptions(), TimeProvider.System, message.Recipients, out _);
                Assert.Equal(message.MessageId, again!.MessageId);
                Assert.Equal("", again.Bcc);
                Assert.True(again.Raw.Span.SequenceEqual(message.Raw.Span));
            }
            else
            {
                Assert.NotNull(error);
            }
        });
    }

    private sealed class RefusingGate : IMailGate
    {
        public ValueTask<GateVerdict> JudgeAsync(MailboxOptions mailbox, ReadOnlyMemory<byte> message, IReadOnlyList<string> recipients, CancellationToken ct) =>
            ValueTask.FromResult(GateVerdict.Refused("aws-access-key"));
    }
}
