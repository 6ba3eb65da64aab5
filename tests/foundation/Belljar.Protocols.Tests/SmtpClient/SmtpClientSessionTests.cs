using Belljar.Protocols.Smtp;
using Belljar.Protocols.SmtpClient;

namespace Belljar.Protocols.Tests.SmtpClient;

public sealed class SmtpClientSessionTests
{
    private const string Plain =
        """
        S: 220 mx.test ready
        C: EHLO us.test
        S: 250 mx.test

        """;

    private const string Pipelining =
        """
        S: 220-mx.test
        S: 220 ready
        C: EHLO us.test
        S: 250-mx.test hello
        S: 250-SIZE 1000
        S: 250-8BITMIME
        S: 250-DSN
        S: 250 PIPELINING

        """;

    private const string Body =
        """
        C: Subject: x
        C:
        C: ..dot
        C: .

        """;

    private static readonly SmtpClientOptions Options = new() { HelloName = "us.test" };

    [Fact]
    public void Message_WithoutExtensions_OneCommandAtATime()
    {
        var server = ScriptedServer.Play(
            Plain +
            """
            C: MAIL FROM:<a@us.test>
            S: 250 ok
            C: RCPT TO:<b@mx.test>
            S: 250 ok
            C: RCPT TO:<c@mx.test>
            S: 550 5.1.1 nobody of that name
            C: DATA
            S: 354 go on

            """ + Body +
            """
            S: 250 2.0.0 taken as 42
            C: QUIT
            S: 221 bye
            """,
            Options,
            To("b@mx.test", "c@mx.test"));
        Assert.Equal([SmtpVerdict.Accepted, SmtpVerdict.Permanent], server.Verdicts);
        Assert.Equal(new EnhancedStatus(5, 1, 1), server.Results[0][1].Reply!.Enhanced);
        Assert.Equal("250 2.0.0 taken as 42", server.Results[0][0].Reply!.ToString());
        Assert.Equal(SmtpClientStep.Closed, server.Step);
        Assert.Null(server.Session.Failure);
    }

    [Fact]
    public void Message_WithPipelining_LeavesTogether()
    {
        var server = ScriptedServer.Play(
            Pipelining +
            """
            C: MAIL FROM:<a@us.test> SIZE=18 BODY=8BITMIME RET=HDRS ENVID=q+2B1
            C: RCPT TO:<b@mx.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;B+2B@mx.test
            C: DATA
            S: 250 2.1.0 ok
            S: 250 2.1.5 ok
            S: 354 go on

            """ + Body +
            """
            S: 250 2.0.0 taken
            C: QUIT
            """,
            Options,
            To("b@mx.test") with { IsEightBit = true, WantsReports = true, EnvelopeId = "q+1", Recipients = [new(Address("b@mx.test"), "B+@mx.test")] });
        Assert.Equal([SmtpVerdict.Accepted], server.Verdicts);
    }

    [Fact]
    public void TwoMessages_SecondAfterARefusedOne_IsResetBetween()
    {
        var server = ScriptedServer.Play(
            Pipelining +
            """
            C: MAIL FROM:<a@us.test> SIZE=18
            C: RCPT TO:<b@mx.test>
            C: DATA
            S: 250 ok
            S: 451 4.7.1 later
            S: 554 no valid recipients
            C: RSET
            C: MAIL FROM:<> SIZE=18
            C: RCPT TO:<c@mx.test>
            C: DATA
            S: 250 ok
            S: 250 ok
            S: 250 ok
            S: 354 go on

            """ + Body +
            """
            S: 554 5.7.1 spam
            C: QUIT
            """,
            Options,
            To("b@mx.test"),
            To("c@mx.test") with { From = null });
        Assert.Equal([SmtpVerdict.Transient, SmtpVerdict.Permanent], server.Verdicts);
        Assert.Equal((SmtpPhase.Rcpt, SmtpPhase.EndOfData), (server.Results[0][0].Phase, server.Results[1][0].Phase));
    }

    [Fact]
    public void DataAcceptedWithoutRecipients_GetsAnEmptyMessage()
    {
        var server = ScriptedServer.Play(
            Pipelining +
            """
            C: MAIL FROM:<a@us.test> SIZE=18
            C: RCPT TO:<b@mx.test>
            C: DATA
            S: 250 ok
            S: 550 5.1.1 nobody
            S: 354 go on
            C: .
            S: 250 taken all the same
            C: QUIT
            """,
            Options,
            To("b@mx.test"));
        Assert.Equal([SmtpVerdict.Permanent], server.Verdicts);
    }

    [Fact]
    public void MailRefused_WithPipelining_IsEveryRecipientsReply()
    {
        var server = ScriptedServer.Play(
            Pipelining +
            """
            C: MAIL FROM:<a@us.test> SIZE=18
            C: RCPT TO:<b@mx.test>
            C: RCPT TO:<c@mx.test>
            C: DATA
            S: 452 4.3.1 full
            S: 503 mail first
            S: 503 mail first
            S: 503 rcpt first
            C: QUIT
            """,
            Options,
            To("b@mx.test", "c@mx.test"));
        Assert.All(server.Results[0], result => Assert.Equal("452 4.3.1 full", result.Reply!.ToString()));
        Assert.Equal([SmtpVerdict.Transient, SmtpVerdict.Transient], server.Verdicts);
    }

    [Fact]
    public void NothingAccepted_WithoutPipelining_NoData()
    {
        ScriptedServer.Play(
            Plain +
            """
            C: MAIL FROM:<a@us.test>
            S: 250 ok
            C: RCPT TO:<b@mx.test>
            S: 550 no
            C: RSET
            S: 250 ok
            C: MAIL FROM:<a@us.test>
            S: 550 go away
            C: QUIT
            """,
            Options,
            To("b@mx.test"),
            To("c@mx.test"));
    }

    [Fact]
    public void StartTls_OfferedAndRequired_SaysHelloAgainAndLogsIn()
    {
        var server = ScriptedServer.Play(
            """
            S: 220 mx.test
            C: EHLO us.test
            S: 250-mx.test
            S: 250-AUTH PLAIN
            S: 250 STARTTLS
            C: STARTTLS
            S: 220 go on
            TLS
            C: EHLO us.test
            S: 250-mx.test
            S: 250 AUTH LOGIN PLAIN
            C: AUTH PLAIN AHVzZXIAc2VjcmV0
            S: 235 2.7.0 welcome
            C: QUIT
            """,
            Options with { Tls = SmtpTlsPolicy.Required, Login = new SmtpCredentials("user", "secret") });
        Assert.True(server.Session.IsSecure);
    }

    [Theory]
    [InlineData(SmtpTlsPolicy.Required, SmtpClientFailure.TlsRefused)]
    [InlineData(SmtpTlsPolicy.WhenOffered, null)]
    public void StartTls_Refused_GoesOnOnlyWhereItMay(SmtpTlsPolicy policy, SmtpClientFailure? failure)
    {
        var script =
            """
            S: 220 mx.test
            C: EHLO us.test
            S: 250-mx.test
            S: 250 STARTTLS
            C: STARTTLS
            S: 454 4.7.0 not now

            """;
        var server = ScriptedServer.Play(policy == SmtpTlsPolicy.Required ? script : script + "C: QUIT", Options with { Tls = policy });
        Assert.Equal(failure, server.Session.Failure);
    }

    [Fact]
    public void TlsRequired_NotOffered_NothingIsSaidInTheClear() =>
        Assert.Equal(SmtpClientFailure.TlsNotOffered, ScriptedServer.Play(Plain, Options with { Tls = SmtpTlsPolicy.Required }, To("b@mx.test")).Session.Failure);

    [Fact]
    public void Password_WithoutTls_IsNotSaid()
    {
        var server = ScriptedServer.Play(
            """
            S: 220 mx.test
            C: EHLO us.test
            S: 250-mx.test
            S: 250 AUTH PLAIN
            """,
            Options with { Tls = SmtpTlsPolicy.WhenOffered, Login = new SmtpCredentials("user", "secret") });
        Assert.Equal(SmtpClientFailure.LoginNotOffered, server.Session.Failure);
    }

    [Fact]
    public void Ehlo_Unknown_BecomesHelo()
    {
        ScriptedServer.Play(
            """
            S: 220 old.test
            C: EHLO us.test
            S: 502 what
            C: HELO us.test
            S: 250 old.test
            C: QUIT
            """,
            Options);
    }

    [Theory]
    [InlineData("S: 554 no", SmtpClientFailure.GreetingRefused)]
    [InlineData("S: 421 busy", SmtpClientFailure.ServiceClosing)]
    [InlineData("S: 250 what", SmtpClientFailure.GreetingRefused)]
    [InlineData("GONE", SmtpClientFailure.ServiceClosing)]
    [InlineData("S: hello", SmtpClientFailure.MalformedReply)]
    [InlineData("S: 999 hello", SmtpClientFailure.MalformedReply)]
    [InlineData("S: 199 hello", SmtpClientFailure.MalformedReply)]
    [InlineData("S: 220_hello", SmtpClientFailure.MalformedReply)]
    public void Greeting_ThatIsNone_EndsTheSession(string script, SmtpClientFailure failure) =>
        Assert.Equal(failure, ScriptedServer.Play(script, Options).Session.Failure);

    /// <summary>A machine in the middle sends commands' answers ahead, so that they count as said inside TLS (RFC 3207).</summary>
    [Fact]
    public void BytesBehindTheReplyToStartTls_AreRefused()
    {
        var session = new SmtpClientSession(Options);
        Feed(session, "220 mx.test\r\n");
        Feed(session, "250-mx.test\r\n250 STARTTLS\r\n");
        Assert.Equal(SmtpClientStep.Closed, Feed(session, "220 go on\r\n250 forged\r\n"));
        Assert.Equal(SmtpClientFailure.BytesBehindStartTls, session.Failure);
    }

    [Fact]
    public void ReplyBeforeItsCommand_IsRefused()
    {
        var session = new SmtpClientSession(Options);
        Feed(session, "220 mx.test\r\n");
        Assert.Equal(SmtpClientStep.Closed, Feed(session, "250 mx.test\r\n250 sender ok\r\n"));
        Assert.Equal(SmtpClientFailure.ReplyBeforeCommand, session.Failure);
    }

    [Fact]
    public void ReplyToTheMessage_BeforeItIsSent_IsNoPromise()
    {
        var server = new ScriptedServer(new SmtpClientSession(Options), To("b@mx.test"));
        var session = server.Session;
        Feed(session, "220 mx.test\r\n");
        Feed(session, "250-mx.test\r\n250 PIPELINING\r\n");
        session.Begin(To("b@mx.test"));
        Assert.Equal(SmtpClientStep.Closed, Feed(session, "250 ok\r\n250 ok\r\n354 go on\r\n250 taken\r\n"));
        Assert.Equal(SmtpVerdict.Transient, session.Results[0].Verdict);
    }

    [Fact]
    public void ConnectionLostBehindTheMessage_IsTransientAtItsEnd()
    {
        var server = ScriptedServer.Play(
            Pipelining +
            """
            C: MAIL FROM:<a@us.test> SIZE=18
            C: RCPT TO:<b@mx.test>
            C: RCPT TO:<c@mx.test>
            C: DATA
            S: 250 ok
            S: 250 ok
            S: 550 5.1.1 nobody
            S: 354 go on

            """ + Body + "GONE",
            Options,
            To("b@mx.test", "c@mx.test"));
        Assert.Equal([SmtpVerdict.Transient, SmtpVerdict.Permanent], server.Verdicts);
        Assert.Equal((SmtpPhase.EndOfData, SmtpClientFailure.ServiceClosing), (server.Results[0][0].Phase, server.Results[0][0].Failure));
    }

    [Fact]
    public void ServiceClosing_AtRcpt_EndsAllThatIsOpen()
    {
        var server = ScriptedServer.Play(
            Pipelining +
            """
            C: MAIL FROM:<a@us.test> SIZE=18
            C: RCPT TO:<b@mx.test>
            C: RCPT TO:<c@mx.test>
            C: DATA
            S: 250 ok
            S: 550 5.1.1 nobody
            S: 421 4.3.2 shutting down
            """,
            Options,
            To("b@mx.test", "c@mx.test"));
        Assert.Equal([SmtpVerdict.Permanent, SmtpVerdict.Transient], server.Verdicts);
    }

    [Fact]
    public void WhatTheServerCannotTake_IsNotTried()
    {
        var server = ScriptedServer.Play(
            Pipelining + "C: QUIT",
            Options,
            To("b@mx.test") with { Size = 1001 },
            To("b@mx.test") with { IsUtf8 = true },
            To("grüße@mx.test"));
        Assert.Equal(
            [SmtpClientFailure.TooLarge, SmtpClientFailure.NeedsSmtpUtf8, SmtpClientFailure.NeedsSmtpUtf8],
            server.Results.Select(results => results[0].Failure!.Value));
        Assert.All(server.Verdicts, verdict => Assert.Equal(SmtpVerdict.Permanent, verdict));
    }

    [Fact]
    public void EightBits_NotOffered_AreNotSent()
    {
        var server = ScriptedServer.Play(Plain + "C: QUIT", Options, To("b@mx.test") with { IsEightBit = true });
        Assert.Equal(SmtpClientFailure.NeedsEightBitMime, server.Results[0][0].Failure);
    }

    [Fact]
    public void AddressWithALineEnd_IsABug()
    {
        var session = new SmtpClientSession(Options);
        Feed(session, "220 mx.test\r\n");
        Feed(session, "250 mx.test\r\n");
        Assert.Throws<ArgumentException>(() => session.Begin(To("b@mx.test") with { From = new SmtpAddress("a>\r\nRSET", "us.test") }));
    }

    [Fact]
    public void Credentials_DoNotPrintTheirPassword() => Assert.DoesNotContain("secret", $"{new SmtpCredentials("user", "secret")}", StringComparison.Ordinal);

    internal static SmtpEnvelope To(params string[] recipients) => new()
    {
        From = Address("a@us.test"),
        Recipients = [.. recipients.Select(recipient => new SmtpEnvelopeRecipient(Address(recipient)))],
        Size = 18,
    };

    private static SmtpAddress Address(string text) => new(text.Split('@')[0], text.Split('@')[1]);

    private static SmtpClientStep Feed(SmtpClientSession session, string text)
    {
        ReadOnlySpan<byte> input = System.Text.Encoding.UTF8.GetBytes(text);
        return session.Advance(ref input);
    }
}
