using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;

namespace Belljar.Decoys.Ftp;

/// <summary>One connection to vsftpd as Debian configures it: local users, no anonymous ones, nothing may be written, no TLS.</summary>
/// <param name="identity">Whose files are shown.</param>
/// <param name="door">Who is let in.</param>
/// <param name="local">Where data connections are waited for.</param>
/// <param name="remote">Who may make them.</param>
/// <param name="clock">For listings, and while a data connection is waited for.</param>
internal sealed partial class FtpDialogue(DecoyIdentity identity, DoorKeeper door, IPAddress local, IPAddress remote, TimeProvider clock) : IDialogue, IDisposable
{
    private const int LongestLine = 4096;
    private const int MostFailures = 3;

    /// <summary>PAM waits, and vsftpd waits after it.</summary>
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(2.8);

    private const string Features = "211-Features:\r\n EPRT\r\n EPSV\r\n MDTM\r\n PASV\r\n REST STREAM\r\n SIZE\r\n TVFS\r\n211 End\r\n";

    private string? _user;
    private FtpFolder? _folder;
    private FtpPassive? _passive;
    private Socket? _data;
    private int _failures;
    private bool _isBinary;

    public TimeSpan Patience => TimeSpan.FromMinutes(5);

    private bool IsIn => _folder is not null;

    public Step Begin() => Step.Say($"220 (vsFTPd {Debian12.Vsftpd.Version})\r\n");

    public Step TimedOut() => Step.Say("421 Timeout.\r\n").Closing();

    public void Dispose()
    {
        _passive?.Dispose();
        _data?.Dispose();
    }

    public Step Take(ReadOnlySpan<byte> unread)
    {
        if (!LineReader.TryRead(unread, out var line, out var consumed) || consumed > LongestLine)
        {
            return consumed > LongestLine || unread.Length > LongestLine
                ? Step.Say("500 Input line too long.\r\n").After(unread.Length).Reporting(new CommandGiven(Start(unread), "500")).Closing()
                : Step.NeedsMore;
        }

        if (line.Length == 0)
        {
            return new Step { Consumed = consumed };
        }

        var space = line.IndexOf(' ');
        var (verb, argument) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
        verb = verb.ToUpperInvariant();
        var step = Answer(verb, argument).After(consumed);
        return verb is "PASS" && step.Reports.Count > 0 ? step
            : verb is "PASS" ? step.Reporting(new CommandGiven("PASS", Code(step)))
            : step.Reporting(new CommandGiven(line, Code(step)));
    }

    private Step Answer(string verb, string argument)
    {
        switch (verb)
        {
            case "QUIT":
                return Step.Say("221 Goodbye.\r\n").Closing();
            case "FEAT":
                return Step.Say(Features);
            case "OPTS":
                return Say(argument.Equals("UTF8 ON", StringComparison.OrdinalIgnoreCase) ? "200 Always in UTF8 mode." : "501 Option not understood.");
            case "USER" when !IsIn:
                _user = argument;
                return Say("331 Please specify the password.");
            case "PASS" when !IsIn:
                return LogIn(argument);
            default:
                return _folder is { } folder ? Command(verb, argument, folder) : Say("530 Please login with USER and PASS.");
        }
    }

    private Step LogIn(string password)
    {
        if (_user is not { } user)
        {
            return Say("503 Login with USER first.").Reporting(new AuthAttempt("", "PASS", "password", password, false));
        }

        _user = null;
        if (door.Admits(user, password))
        {
            _user = user;
            _folder = new FtpFolder(World.DecoyFile.Of(identity, user), World.DecoyFile.Home(user));
            return Say("230 Login successful.").Reporting(new AuthAttempt(user, "USER", "password", password, true), new SessionStarted(user));
        }

        var step = Say("530 Login incorrect.").Reporting(new AuthAttempt(user, "USER", "password", password, false)) with { Pause = FailureDelay };
        return ++_failures >= MostFailures ? step.Closing() : step;
    }

    private Step Command(string verb, string argument, FtpFolder folder)
    {
        switch (verb)
        {
            case "PWD" or "XPWD":
                return Say($"257 \"{folder.Current.Replace("\"", "\"\"", StringComparison.Ordinal)}\" is the current directory");
            case "CWD" or "XCWD":
                return Say(folder.TryEnter(argument) ? "250 Directory successfully changed." : "550 Failed to change directory.");
            case "CDUP" or "XCUP":
                folder.TryEnter("..");
                return Say("250 Directory successfully changed.");
            case "PASV" or "EPSV":
                return Passive(verb, argument);
            case "LIST" or "NLST":
                return Transfer(_ => Listing(folder, argument, isLong: verb is "LIST"));
            case "RETR":
                return Transfer(_ => File(folder, argument));
            case "SIZE":
                return Say(folder.Find(argument)?.Content is { } content ? $"213 {content.Length}" : "550 Could not get file size.");
            case "MDTM":
                return Say(folder.Find(argument) is { Content: not null } file
                    ? $"213 {file.Modified.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}" : "550 Could not get file modification time.");
            case "TYPE":
                return Type(argument.ToUpperInvariant());
            case "USER" when argument == _user:
                return Say("331 Any password will do.");
            default:
                return FtpReplies.To(verb, argument) is { } reply ? Step.Say(reply) : verb is "STAT" ? Status(folder, argument) : Say("500 Unknown command.");
        }
    }

    private Step Type(string type)
    {
        if (type is not ("I" or "A" or "L8" or "L 8" or "A N"))
        {
            return Say("500 Unrecognised TYPE command.");
        }

        _isBinary = type[0] is not 'A';
        return Say(_isBinary ? "200 Switching to Binary mode." : "200 Switching to ASCII mode.");
    }

    private Step Status(FtpFolder folder, string argument) => argument.Length == 0
        ? Step.Say($"211-FTP server status:\r\n     Connected to {remote}\r\n     Logged in as {_user}\r\n     TYPE: {(_isBinary ? "BINARY" : "ASCII")}\r\n     No session bandwidth limit\r\n"
            + $"     Session timeout in seconds is 300\r\n     Control connection is plain text\r\n     Data connections will be plain text\r\n     At session startup, client count was 1\r\n     vsFTPd {Debian12.Vsftpd.Version} - secure, fast, stable\r\n211 End of status\r\n")
        : Step.Say($"213-Status follows:\r\n{folder.List(argument, isLong: true, clock.GetUtcNow())}213 End of status\r\n");

    private static Step Say(string reply) => Step.Say(reply + "\r\n");

    private static string Code(Step step) => step.Answer.Length < 3 ? "" : Encoding.Latin1.GetString(step.Answer.Span[..3]);

    private static string Start(ReadOnlySpan<byte> unread) => Encoding.Latin1.GetString(unread[..Math.Min(unread.Length, LongestLine)]);
}
