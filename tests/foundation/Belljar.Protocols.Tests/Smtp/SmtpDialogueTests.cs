using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.Tests.Smtp;

public sealed class SmtpDialogueTests
{
    private const string Hello =
        """
        S: 220 mx.test ESMTP Belljar
        C: EHLO client.test
        S: 250-mx.test
        S: 250-PIPELINING
        S: 250-SIZE 26214400
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250 CHUNKING

        """;

    [Fact]
    public void Message_SentWithData_IsStoredWithoutItsStuffedDots()
    {
        var peer = Dialogue.Play(Hello +
            """
            C: MAIL FROM:<alice@example.org> SIZE=100 BODY=8BITMIME
            S: 250 2.1.0 sender ok
            C: RCPT TO:<agent@mx.test>
            S: 250 2.1.5 recipient ok
            C: DATA
            S: 354 end data with <CRLF>.<CRLF>
            C: Subject: dots
            C:
            C: ..one
            C: ...
            C: a.b
            C: ..
            C: .
            S: 250 2.0.0 message stored
            C: QUIT
            S: 221 2.0.0 bye
            """);
        Assert.True(peer.IsClosed);
        var message = Assert.Single(peer.Messages);
        Assert.Equal("Subject: dots\r\n\r\n.one\r\n..\r\na.b\r\n.\r\n", message.Text);
        Assert.Equal("alice@example.org", message.Transaction.ReversePath!.ToString());
        Assert.Equal(SmtpBody.EightBitMime, message.Transaction.Parameters.Body);
    }

    [Fact]
    public void TwoMessages_OneConnection_AreTwoTransactions()
    {
        var peer = Dialogue.Play(
            """
            S: 220 mx.test ESMTP Belljar
            C: HELO client.test
            S: 250 mx.test
            C: MAIL FROM:<>
            S: 250 2.1.0 sender ok
            C: RCPT TO:<Postmaster>
            S: 250 2.1.5 recipient ok
            C: DATA
            S: 354 end data with <CRLF>.<CRLF>
            C: one
            C: .
            S: 250 2.0.0 message stored
            C: RCPT TO:<agent@mx.test>
            S: 503 5.5.1 MAIL first
            C: MAIL FROM:<@relay.test,@b.test:x@y.test>
            S: 250 2.1.0 sender ok
            C: RCPT TO:<agent@mx.test>
            S: 250 2.1.5 recipient ok
            C: DATA
            S: 354 end data with <CRLF>.<CRLF>
            C: .
            S: 250 2.0.0 message stored
            """);
        Assert.Equal(["one\r\n", ""], peer.Messages.Select(message => message.Text));
        Assert.Null(peer.Messages[0].Transaction.ReversePath);
        Assert.Equal("", peer.Messages[0].Transaction.Recipients[0].Domain);
        Assert.Equal("x@y.test", peer.Messages[1].Transaction.ReversePath!.ToString());
    }

    [Fact]
    public void Recipients_RefusedAndAccepted_OnlyTheAcceptedReceive()
    {
        var peer = Dialogue.Play(Hello +
            """
            C: MAIL FROM:<a@b.test>
            S: 250 2.1.0 sender ok
            C: RCPT TO:<nobody@mx.test>
            S: 550 5.1.1 no such mailbox here
            C: RCPT TO:<agent@elsewhere.test>
            S: 550 5.7.1 this domain is not served here, and nothing is relayed
            C: RCPT TO:<full@mx.test>
            S: 452 4.2.2 mailbox is full
            C: DATA
            S: 554 5.5.1 no valid recipients
            C: RCPT TO:<agent@mx.test>
            S: 250 2.1.5 recipient ok
            C: RCPT TO:<"other one"@mx.test>
            S: 250 2.1.5 recipient ok
            C: DATA
            S: 354 end data with <CRLF>.<CRLF>
            C: hi
            C: .
            S: 250 2.0.0 message stored
            """);
        Assert.Equal(
            ["agent@mx.test", "\"other one\"@mx.test"],
            Assert.Single(peer.Messages).Transaction.Recipients.Select(recipient => recipient.ToString()));
    }

    [Fact]
    public void Commands_OutOfOrder_Get503()
    {
        Dialogue.Play(
            """
            S: 220 mx.test ESMTP Belljar
            C: MAIL FROM:<a@b.test>
            S: 503 5.5.1 say EHLO first
            C: RCPT TO:<agent@mx.test>
            S: 503 5.5.1 say EHLO first
            C: DATA
            S: 503 5.5.1 say EHLO first
            C: HELO x
            S: 250 mx.test
            C: RCPT TO:<agent@mx.test>
            S: 503 5.5.1 MAIL first
            C: DATA
            S: 503 5.5.1 MAIL first
            C: MAIL FROM:<a@b.test>
            S: 250 2.1.0 sender ok
            C: MAIL FROM:<a@b.test>
            S: 503 5.5.1 a message is already under way
            C: RSET
            S: 250 2.0.0 done
            C: RCPT TO:<agent@mx.test>
            S: 503 5.5.1 MAIL first
            """);
    }

    [Fact]
    public void SmallCommands_AreAnswered()
    {
        Dialogue.Play(
            """
            S: 220 mx.test ESMTP Belljar
            C: noop and more
            S: 250 2.0.0 done
            C: VRFY agent
            S: 252 2.0.0 cannot verify, but send and see
            C: VRFY
            S: 501 5.5.4 an argument is missing
            C: EXPN list
            S: 502 5.7.0 lists are not expanded
            C: HELP
            S: 214-2.0.0 HELO EHLO MAIL RCPT DATA BDAT
            S: 214 2.0.0 RSET NOOP VRFY HELP QUIT
            C: STARTTLS
            S: 502 5.5.1 not offered here
            C: AUTH PLAIN AGEAYg==
            S: 502 5.5.1 not offered here
            C: WIZ
            S: 500 5.5.1 unknown command
            C:
            S: 500 5.5.1 unknown command
            C: RSET now
            S: 501 5.5.4 this command takes no argument
            C: EHLO
            S: 501 5.5.4 give a domain or an address literal
            C: EHLO two words
            S: 501 5.5.4 give a domain or an address literal
            C: quit
            S: 221 2.0.0 bye
            """);
    }

    [Fact]
    public void Chunks_AreCountedAndJoined()
    {
        var peer = Dialogue.Play(Hello +
            """
            C: MAIL FROM:<a@b.test> BODY=8BITMIME
            S: 250 2.1.0 sender ok
            C: RCPT TO:<agent@mx.test>
            S: 250 2.1.5 recipient ok
            C: BDAT 15
            C: Subject: bdat
            S: 250 2.0.0 chunk received
            C: RCPT TO:<agent@mx.test>
            S: 503 5.5.1 BDAT is under way
            C: DATA
            S: 503 5.5.1 BDAT is under way
            C: BDAT 8 LAST
            C:
            C: QUIT
            S: 250 2.0.0 message stored
            C: MAIL FROM:<a@b.test>
            S: 250 2.1.0 sender ok
            C: RCPT TO:<agent@mx.test>
            S: 250 2.1.5 recipient ok
            C: BDAT 3
            C: .
            S: 250 2.0.0 chunk received
            C: BDAT 0 LAST
            S: 250 2.0.0 message stored
            C: QUIT
            S: 221 2.0.0 bye
            """);
        Assert.Equal(["Subject: bdat\r\n\r\nQUIT\r\n", ".\r\n"], peer.Messages.Select(message => message.Text));
    }

    [Fact]
    public void Chunk_WithoutTransaction_IsSkippedAndRefused()
    {
        var peer = Dialogue.Play(Hello +
            """
            C: BDAT 25
            C: MAIL FROM:<evil@b.test>
            S: 503 5.5.1 MAIL first
            C: MAIL FROM:<a@b.test>
            S: 250 2.1.0 sender ok
            C: BDAT 6 LAST
            C: QUIT
            S: 554 5.5.1 no valid recipients
            C: BDAT 0
            S: 503 5.5.1 MAIL first
            C: QUIT
            S: 221 2.0.0 bye
            """);
        Assert.Empty(peer.Messages);
    }

    [Theory]
    [InlineData("BDAT")]
    [InlineData("BDAT x")]
    [InlineData("BDAT -1")]
    [InlineData("BDAT +1")]
    [InlineData("BDAT 99999999999999999999")]
    [InlineData("BDAT 1 LASTING")]
    [InlineData("BDAT 1LAST")]
    public void Chunk_OfUnknownSize_ClosesBecauseNobodyKnowsWhereItEnds(string command)
    {
        var peer = SmtpPeer.InTransaction();
        Assert.StartsWith("501 5.5.4", peer.Say(command), StringComparison.Ordinal);
        Assert.True(peer.IsClosed);
        Assert.Empty(peer.Say("NOOP"));
    }

    [Fact]
    public void Smtputf8_AddressBeyondAscii_NeedsTheParameter()
    {
        var peer = Dialogue.Play(Hello +
            """
            C: MAIL FROM:<jürgen@bücher.test>
            S: 553 5.6.7 an address beyond ASCII needs SMTPUTF8
            C: MAIL FROM:<a@b.test>
            S: 250 2.1.0 sender ok
            C: RCPT TO:<größe@mx.test>
            S: 553 5.6.7 an address beyond ASCII needs SMTPUTF8
            C: RSET
            S: 250 2.0.0 done
            C: MAIL FROM:<jürgen@bücher.test> SMTPUTF8
            S: 250 2.1.0 sender ok
            C: RCPT TO:<größe@mx.test>
            S: 250 2.1.5 recipient ok
            C: DATA
            S: 354 end data with <CRLF>.<CRLF>
            C: .
            S: 250 2.0.0 message stored
            """);
        Assert.Equal("größe", Assert.Single(peer.Messages).Transaction.Recipients[0].LocalPart);
    }
}
