namespace Belljar.Protocols.Smtp;

/// <summary>The replies that need nothing variable. None of them repeats what the peer sent.</summary>
public static class SmtpReplies
{
    public static readonly SmtpReply Ok = new(250, "2.0.0", "done");
    public static readonly SmtpReply SenderOk = new(250, "2.1.0", "sender ok");
    public static readonly SmtpReply RecipientOk = new(250, "2.1.5", "recipient ok");
    public static readonly SmtpReply MessageAccepted = new(250, "2.0.0", "message stored");
    public static readonly SmtpReply ChunkReceived = new(250, "2.0.0", "chunk received");
    public static readonly SmtpReply CannotVerify = new(252, "2.0.0", "cannot verify, but send and see");
    public static readonly SmtpReply Bye = new(221, "2.0.0", "bye");
    public static readonly SmtpReply ReadyForTls = new(220, "2.0.0", "ready to start TLS");
    public static readonly SmtpReply StartMessage = new(354, null, "end data with <CRLF>.<CRLF>");

    public static readonly SmtpReply Help =
        new(214, "2.0.0", "HELO EHLO MAIL RCPT DATA BDAT", "RSET NOOP VRFY HELP QUIT");

    public static readonly SmtpReply ShuttingDown = new(421, "4.3.2", "shutting down, try again later");
    public static readonly SmtpReply IdleTooLong = new(421, "4.4.2", "nothing heard for too long, closing");
    public static readonly SmtpReply SessionTooLong = new(421, "4.4.2", "this connection took too long, closing");
    public static readonly SmtpReply TooManyConnections = new(421, "4.7.0", "too many connections, try again later");
    public static readonly SmtpReply TooManyOfYou = new(421, "4.7.0", "too much from your network, try again later");
    public static readonly SmtpReply TooMuchMail = new(451, "4.7.1", "too much mail from your network, try again later");
    public static readonly SmtpReply TooMuchFromSender = new(452, "4.7.1", "too much mail from this sender, try again later");
    public static readonly SmtpReply Greylisted = new(451, "4.7.1", "not seen before, try again in a few minutes");
    public static readonly SmtpReply Blocked = new(554, "5.7.1", "your address is on a block list, closing");
    public static readonly SmtpReply NoProgress = new(421, "4.7.0", "too many commands without a message, closing");

    public static readonly SmtpReply LoggedIn = new(235, "2.7.0", "logged in");
    public static readonly SmtpReply TooManyFailures = new(454, "4.7.0", "too many failed logins from your network, try again later");
    public static readonly SmtpReply TlsFirst = new(530, "5.7.0", "STARTTLS first");
    public static readonly SmtpReply AuthenticationNeeded = new(530, "5.7.0", "log in first");
    public static readonly SmtpReply EncryptionNeeded = new(538, "5.7.11", "a login needs TLS");
    public static readonly SmtpReply LoggedInAlready = new(503, "5.5.1", "you are logged in already");
    public static readonly SmtpReply UnknownMechanism = new(504, "5.5.4", "unknown mechanism");
    public static readonly SmtpReply AuthenticationCancelled = new(501, "5.7.0", "login given up");
    public static readonly SmtpReply BadBase64 = new(501, "5.5.2", "this is not base64");
    public static readonly SmtpReply WrongCredentials = new(535, "5.7.8", "wrong name or password");
    public static readonly SmtpReply WrongCredentialsAgain = new(535, "5.7.8", "wrong name or password, closing");
    public static readonly SmtpReply NotYourAddress = new(550, "5.7.1", "this sender is not an address of yours");
    public static readonly SmtpReply NotYourFrom = new(550, "5.7.1", "From must be one address of yours");
    public static readonly SmtpReply SendingNotConfigured = new(550, "5.3.3", "sending to other domains is not configured here");

    public static readonly SmtpReply NotStored = new(451, "4.3.0", "the message could not be stored, try again later");
    public static readonly SmtpReply MailboxOverQuota = new(452, "4.2.2", "mailbox is full");
    public static readonly SmtpReply TooManyRecipients = new(452, "4.5.3", "too many recipients");

    public static readonly SmtpReply UnknownMailbox = new(550, "5.1.1", "no such mailbox here");
    public static readonly SmtpReply ForeignDomain = new(550, "5.7.1", "this domain is not served here, and nothing is relayed");

    public static readonly SmtpReply BareLineEnd = new(554, "5.6.0", "CR or LF on its own in the message, closing");
    public static readonly SmtpReply MessageTooLarge = new(552, "5.3.4", "message too large");

    public static readonly SmtpReply BadLineEnd = new(500, "5.5.2", "a command ends with CRLF, and has no other CR or LF, closing");
    public static readonly SmtpReply LineTooLong = new(500, "5.5.2", "line too long");
    public static readonly SmtpReply LineFarTooLong = new(500, "5.5.2", "line too long, closing");
    public static readonly SmtpReply UnknownCommand = new(500, "5.5.1", "unknown command");
    public static readonly SmtpReply BadCharacters = new(500, "5.5.2", "unexpected characters");
    public static readonly SmtpReply NotSmtp = new(554, "5.5.1", "this is SMTP, closing");
    public static readonly SmtpReply UnexpectedData = new(554, "5.5.1", "message text after a refused DATA, closing");
    public static readonly SmtpReply SpokeEarly = new(554, "5.5.1", "wait for the greeting, closing");
    public static readonly SmtpReply SpokeBeforeTls = new(554, "5.5.1", "nothing may follow STARTTLS before TLS, closing");
    public static readonly SmtpReply TlsInUse = new(503, "5.5.1", "TLS is in use already");
    public static readonly SmtpReply NotImplemented = new(502, "5.5.1", "not offered here");
    public static readonly SmtpReply ExpansionRefused = new(502, "5.7.0", "lists are not expanded");

    public static readonly SmtpReply NoArgumentAllowed = new(501, "5.5.4", "this command takes no argument");
    public static readonly SmtpReply ArgumentNeeded = new(501, "5.5.4", "an argument is missing");
    public static readonly SmtpReply BadHelloName = new(501, "5.5.4", "give a domain or an address literal");
    public static readonly SmtpReply BadChunkSize = new(501, "5.5.4", "BDAT wants a size in octets and perhaps LAST, closing");
    public static readonly SmtpReply BadMailSyntax = new(501, "5.5.4", "syntax: MAIL FROM:<address> [parameters]");
    public static readonly SmtpReply BadRcptSyntax = new(501, "5.5.4", "syntax: RCPT TO:<address>");
    public static readonly SmtpReply BadSenderAddress = new(501, "5.1.7", "bad sender address");
    public static readonly SmtpReply BadRecipientAddress = new(501, "5.1.3", "bad recipient address");
    public static readonly SmtpReply BadParameter = new(501, "5.5.4", "bad parameter value");
    public static readonly SmtpReply UnknownParameter = new(555, "5.5.4", "parameter not recognised");
    public static readonly SmtpReply NeedsSmtpUtf8 = new(553, "5.6.7", "an address beyond ASCII needs SMTPUTF8");

    public static readonly SmtpReply HelloFirst = new(503, "5.5.1", "say EHLO first");
    public static readonly SmtpReply MailFirst = new(503, "5.5.1", "MAIL first");
    public static readonly SmtpReply NestedMail = new(503, "5.5.1", "a message is already under way");
    public static readonly SmtpReply ChunksUnderWay = new(503, "5.5.1", "BDAT is under way");
    public static readonly SmtpReply NoValidRecipients = new(554, "5.5.1", "no valid recipients");
}
