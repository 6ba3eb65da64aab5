using System.Text;
using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;

namespace Belljar.Decoys.Redis;

/// <summary>One client of an instance.</summary>
internal sealed class RedisDialogue(RedisInstance instance, DoorKeeper door, int port) : IDialogue
{
    // Like the genuine one, everything that has arrived is worked off before anything is answered; this bounds one turn.
    private const int MostAtOnce = 64;
    private const int LongestRecorded = 1024;

    private readonly RedisClient _client = new() { IsAuthenticated = !instance.IsProtected, Port = port };
    private List<IReadOnlyList<string>>? _queued;
    private bool _isSpoilt;

    /// <summary>The genuine one waits for ever.</summary>
    public TimeSpan Patience => TimeSpan.FromMinutes(10);

    public Step Begin() => Step.NeedsMore;

    public Step TimedOut() => Step.NeedsMore;

    public Step Take(ReadOnlySpan<byte> unread)
    {
        var answer = new StringBuilder();
        var reports = new List<Report>();
        var consumed = 0;
        for (var i = 0; i < MostAtOnce && consumed < unread.Length; i++)
        {
            var rest = unread[consumed..];
            var command = RespReader.Read(rest, _client.IsAuthenticated);
            if (command.IsRefused)
            {
                reports.Add(new CommandGiven(Encoding.Latin1.GetString(rest[..Math.Min(rest.Length, LongestRecorded)]), command.Fault));
                answer.Append(command.Fault is null ? "" : RespText.Error($"Protocol error: {command.Fault}"));
                return Step.Say(answer.ToString()).After(unread.Length).Reporting(reports).Closing();
            }

            if (command.Consumed == 0)
            {
                break;
            }

            consumed += command.Consumed;
            if (command.Words.Count == 0)
            {
                continue;
            }

            var reply = Answer(command.Words, reports);
            if (reply is null)
            {
                // A web page that a browser was made to send here: dropped with everything that was still to be answered.
                return new Step { Consumed = unread.Length, Reports = reports, Closes = true };
            }

            answer.Append(reply);
            if (_client.Quits)
            {
                return Step.Say(answer.ToString()).After(unread.Length).Reporting(reports).Closing();
            }
        }

        return Step.Say(answer.ToString()).After(consumed).Reporting(reports);
    }

    private string? Answer(IReadOnlyList<string> words, List<Report> reports)
    {
        var name = words[0].ToLowerInvariant();
        if (name is "host:" or "post")
        {
            reports.Add(new CommandGiven(Line(words), null));
            return null;
        }

        var reply = name is "auth" ? Authenticate(words, reports)
            : name is "hello" ? Hello(words, reports)
            : Checked(name, words);
        if (name is not "auth")
        {
            reports.Add(new CommandGiven(Line(words), FirstLine(reply)));
        }

        return reply;
    }

    /// <summary>Whatever would be refused whoever asks is refused; then comes who asks; then it is queued or done.</summary>
    private string Checked(string name, IReadOnlyList<string> words)
    {
        var refusal = RedisCommands.Refuse(name, words);
        if (refusal is null && !_client.IsAuthenticated && name is not ("quit" or "reset"))
        {
            refusal = "-NOAUTH Authentication required.\r\n";
        }

        if (refusal is not null)
        {
            _isSpoilt |= _queued is not null;
            return refusal;
        }

        switch (name)
        {
            case "multi" when _queued is not null:
                return RespText.Error("MULTI calls can not be nested");
            case "multi":
                _queued = [];
                _isSpoilt = false;
                return RespText.Ok;
            case "watch" when _queued is not null:
                return RespText.Error("WATCH inside MULTI is not allowed");
            case "discard" when _queued is null:
                return RespText.Error("DISCARD without MULTI");
            case "discard":
                _queued = null;
                return RespText.Ok;
            case "exec":
                return Execute();
        }

        if (_queued is not null && name is not ("quit" or "reset"))
        {
            if (_queued.Count >= MostAtOnce)
            {
                return RespText.OutOfMemory;
            }

            _queued.Add(words);
            return "+QUEUED\r\n";
        }

        if (name is "reset")
        {
            _queued = null;
        }

        return instance.Do(name, words, _client);
    }

    private string Execute()
    {
        if (_queued is null)
        {
            return RespText.Error("EXEC without MULTI");
        }

        var queued = _queued;
        _queued = null;
        return _isSpoilt
            ? "-EXECABORT Transaction discarded because of previous errors.\r\n"
            : RespText.Array([.. queued.Select(words => instance.Do(words[0].ToLowerInvariant(), words, _client))]);
    }

    private string Authenticate(IReadOnlyList<string> words, List<Report> reports)
    {
        if (words.Count < 2)
        {
            return RespText.Arity("auth");
        }

        if (words.Count > 3)
        {
            return RespText.SyntaxError;
        }

        var (user, password) = words.Count == 3 ? (words[1], words[2]) : ("default", words[1]);
        var isAllowed = Admits(user, password, "AUTH", reports);
        return words.Count == 2 && !instance.IsProtected
            ? RespText.Error("AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
            : isAllowed ? RespText.Ok : WrongPassword;
    }

    private const string WrongPassword = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    private bool Admits(string user, string password, string mechanism, List<Report> reports)
    {
        var isAllowed = instance.IsProtected ? door.Admits(user, password) : user is "default";
        reports.Add(new AuthAttempt(user, mechanism, "password", password, isAllowed));
        if (isAllowed)
        {
            _client.IsAuthenticated = true;
            reports.Add(new SessionStarted(user));
        }

        return isAllowed;
    }

    private string Hello(IReadOnlyList<string> words, List<Report> reports)
    {
        var version = 2L;
        if (words.Count > 1 && !RespText.TryNumber(words[1], out version))
        {
            return RespText.Error("Protocol version is not an integer or out of range");
        }

        if (version is < 2 or > 3)
        {
            return "-NOPROTO unsupported protocol version\r\n";
        }

        for (var i = 2; i < words.Count; i++)
        {
            var option = words[i].ToLowerInvariant();
            if (option is "auth" && i + 2 < words.Count)
            {
                if (!Admits(words[i + 1], words[i + 2], "HELLO", reports))
                {
                    return WrongPassword;
                }

                i += 2;
            }
            else if (option is "setname" && i + 1 < words.Count)
            {
                _client.Name = words[++i];
            }
            else
            {
                return RespText.Error($"Syntax error in HELLO option '{words[i]}'");
            }
        }

        if (!_client.IsAuthenticated)
        {
            return "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option "
                + "can be used to authenticate the client and select the RESP protocol version at the same time\r\n";
        }

        string[] fields =
        [
            RespText.Bulk("server"), RespText.Bulk("redis"), RespText.Bulk("version"), RespText.Bulk(Debian12.Redis.Version), RespText.Bulk("proto"),
            RespText.Number(version), RespText.Bulk("id"), RespText.Number(instance.ClientId), RespText.Bulk("mode"), RespText.Bulk("standalone"),
            RespText.Bulk("role"), RespText.Bulk("master"), RespText.Bulk("modules"), RespText.EmptyArray,
        ];
        return version == 3 ? $"%7\r\n{string.Concat(fields)}" : RespText.Array(fields);
    }

    private static string Line(IReadOnlyList<string> words) => string.Join(' ', words);

    private static string FirstLine(string reply) => reply[..Math.Min(Math.Max(reply.IndexOf('\r'), 0), LongestRecorded)];
}

/// <summary>What is one client's own.</summary>
internal sealed class RedisClient
{
    public bool IsAuthenticated { get; set; }

    public int Port { get; init; }

    public int Database { get; set; }

    public string? Name { get; set; }

    public bool Quits { get; set; }
}
