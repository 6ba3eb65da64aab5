using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;

namespace Belljar.Decoys.Postgres;

/// <summary>
/// One connection to PostgreSQL: TLS when it is asked for, the startup message, a login by SCRAM (or MD5, where the policy lets in
/// people whose password nobody knows), and then simple queries.
/// </summary>
internal sealed class PostgresDialogue(PostgresWorld world, DecoyIdentity identity, DoorKeeper door, bool hasTls) : IDialogue
{
    private const int Protocol3 = 196608;
    private const int TlsRequest = 80877103;
    private const int GssRequest = 80877104;
    private const int CancelRequest = 80877102;
    private const int LongestStartup = 10000;
    private const int LongestLogin = 65535;
    private const int LongestQuery = 256 * 1024;

    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(4);
    private bool _askedForTls;
    private bool _askedForGss;
    private string _user = "";
    private string _database = "";
    private PgScram? _scram;
    private bool _scramBegan;
    private PostgresConsole? _console;
    private State _state;

    private enum State
    {
        Startup,
        Password,
        In,
    }

    public TimeSpan Patience => _state is State.In ? TimeSpan.FromMinutes(30) : TimeSpan.FromSeconds(60);

    public Step Begin() => Step.NeedsMore;

    public Step TimedOut() => Step.NeedsMore;

    public Step Take(ReadOnlySpan<byte> unread) => _state is State.Startup ? Startup(unread) : Message(unread);

    private Step Startup(ReadOnlySpan<byte> unread)
    {
        if (unread.Length < 4)
        {
            return Step.NeedsMore;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(unread);
        if (length is < 8 or > LongestStartup + 4)
        {
            return new Step { Consumed = unread.Length, Reports = [new CommandGiven(Start(unread), null)], Closes = true };
        }

        if (unread.Length < length)
        {
            return Step.NeedsMore;
        }

        return Startup(BinaryPrimitives.ReadInt32BigEndian(unread[4..]), unread[8..length]).After(length);
    }

    private Step Startup(int version, ReadOnlySpan<byte> rest)
    {
        switch (version)
        {
            case TlsRequest when !_askedForTls:
                _askedForTls = true;
                return Step.Say(hasTls ? "S" : "N") with { StartsTls = hasTls };
            case GssRequest when !_askedForGss:
                _askedForGss = true;
                return Step.Say("N");
            case CancelRequest:
                return new Step { Closes = true };
        }

        if (version >>> 16 != 3)
        {
            var text = $"unsupported frontend protocol {version >>> 16}.{version & 0xffff}: server supports 3.0 to 3.0";
            return version >>> 16 < 3
                ? Step.Say($"EFATAL:  {text}\n\0").Closing()
                : Fatal("0A000", text, "postmaster.c", 2222, "ProcessStartupPacket");
        }

        var negotiation = version == Protocol3 ? [] : new PgMessages().Add('v', [0, 3, 0, 0, 0, 0, 0, 0]).Bytes;
        return Settings(rest, negotiation);
    }

    private Step Settings(ReadOnlySpan<byte> rest, byte[] negotiation)
    {
        var words = Encoding.Latin1.GetString(rest).Split('\0');

        // Pairs, an empty name, and the end of the last text.
        var end = Array.FindIndex(words, 0, word => word.Length == 0);
        while (end >= 0 && end % 2 == 1)
        {
            end = end + 1 < words.Length ? Array.FindIndex(words, end + 1, word => word.Length == 0) : -1;
        }

        if (end < 0 || end != words.Length - 2)
        {
            return Fatal("08P01", "invalid startup packet layout: expected terminator as last byte", "postmaster.c", 2334, "ProcessStartupPacket");
        }

        for (var i = 0; i < end; i += 2)
        {
            if (words[i] is "user")
            {
                _user = words[i + 1];
            }
            else if (words[i] is "database")
            {
                _database = words[i + 1];
            }
            else if (words[i] is "replication" && words[i + 1].ToLowerInvariant() is not ("true" or "false" or "on" or "off" or "yes" or "no" or "1" or "0" or "database"))
            {
                return Fatal(new PgError("FATAL", "22023", $"invalid value for parameter \"replication\": \"{words[i + 1]}\"", "postmaster.c", 2286, "ProcessStartupPacket")
                {
                    Hint = "Valid values are: \"false\", 0, \"true\", 1, \"database\".",
                });
            }
        }

        if (_user.Length == 0)
        {
            return Step.Say((byte[])[.. negotiation, .. new PgMessages().Error(
                new PgError("FATAL", "28000", "no PostgreSQL user name specified in startup packet", "postmaster.c", 2351, "ProcessStartupPacket")).Bytes]).Closing();
        }

        _database = _database.Length == 0 ? _user : _database;
        _state = State.Password;
        return Step.Say((byte[])[.. negotiation, .. AskForPassword().Bytes]);
    }

    /// <summary>SCRAM proves to the client, too, that the server knows the password: it cannot serve a policy that lets in with any.</summary>
    private PgMessages AskForPassword()
    {
        if (door.Policy.AdmitsUnknownSecrets)
        {
            return new PgMessages().Authentication(5, _salt);
        }

        _scram = new PgScram(_user, identity);
        return new PgMessages().Authentication(10, [.. PgMessages.Text(PgScram.Mechanism), 0]);
    }

    private Step Message(ReadOnlySpan<byte> unread)
    {
        if (unread.Length < 5)
        {
            return unread[0] is (byte)'p' or (byte)'Q' or (byte)'X' || _state is State.In ? Step.NeedsMore : Unexpected(unread);
        }

        if (_state is State.Password && unread[0] != 'p')
        {
            return Unexpected(unread);
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(unread[1..]);
        if (length < 4 || length > (_state is State.In ? LongestQuery : LongestLogin))
        {
            return _state is State.In ? new Step { Consumed = unread.Length, Closes = true } : Failed().After(unread.Length);
        }

        if (unread.Length < length + 1)
        {
            return Step.NeedsMore;
        }

        var payload = unread[5..(length + 1)];
        var step = _console is { } console ? console.Answer((char)unread[0], payload) : _scram is { } scram ? Scram(scram, payload) : Md5(payload);
        return step.After(length + 1);
    }

    private Step Unexpected(ReadOnlySpan<byte> unread) => (_scram is null
        ? Fatal("08P01", $"expected password response, got message type {unread[0]}", "auth.c", 697, "recv_password_packet")
        : Fatal("08P01", $"expected SASL response, got message type {unread[0]}", "auth-sasl.c", 95, "CheckSASLAuth")).After(unread.Length);

    private Step Scram(PgScram scram, ReadOnlySpan<byte> payload)
    {
        if (_scramBegan)
        {
            return ScramFinal(scram, Encoding.Latin1.GetString(payload));
        }

        var nul = payload.IndexOf((byte)0);
        var mechanism = nul < 0 ? "" : Encoding.Latin1.GetString(payload[..nul]);
        if (mechanism != PgScram.Mechanism || payload.Length < nul + 5)
        {
            var refused = Fatal("08P01", "client selected an invalid SASL authentication mechanism", "auth-scram.c", 256, "scram_init");
            return nul > 0 && mechanism != PgScram.Mechanism
                ? refused.Reporting(new AuthAttempt(_user, "password", "password", mechanism, false))
                : refused;
        }

        var announced = BinaryPrimitives.ReadInt32BigEndian(payload[(nul + 1)..]);
        if (announced == -1)
        {
            return Step.Say(new PgMessages().Authentication(11).Bytes);
        }

        var (answer, error) = scram.First(Encoding.Latin1.GetString(payload[(nul + 5)..]));
        if (error is not null)
        {
            return Fatal(error);
        }

        _scramBegan = true;
        return Step.Say(new PgMessages().Authentication(11, answer!).Bytes);
    }

    private Step ScramFinal(PgScram scram, string message)
    {
        var outcome = scram.Final(message, door.Policy.Accounts.Where(account => account.User == _user).Select(account => account.Password));
        if (outcome.Error is not null)
        {
            return Fatal(outcome.Error);
        }

        var isAllowed = outcome.Signature is not null;
        var attempt = new AuthAttempt(_user, PgScram.Mechanism, "scram", outcome.Shown, isAllowed);
        return isAllowed ? Enter(new PgMessages().Authentication(12, outcome.Signature!), attempt) : Failed().Reporting(attempt);
    }

    private Step Md5(ReadOnlySpan<byte> payload)
    {
        var shown = Encoding.Latin1.GetString(payload).TrimEnd('\0');
        var isAllowed = door.Admits(_user, password => shown == Md5Of(password));
        var hex = shown.StartsWith("md5", StringComparison.Ordinal) ? shown[3..] : shown;
        var attempt = new AuthAttempt(_user, "md5", "postgres_md5", $"$postgres${_user}*{Convert.ToHexStringLower(_salt)}*{hex}", isAllowed);
        return isAllowed ? Enter(new PgMessages(), attempt) : Failed().Reporting(attempt);
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351", Justification = "PostgreSQL's older login is made of MD5.")]
    private string Md5Of(string password)
    {
        var inner = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(password + _user)));
        return "md5" + Convert.ToHexStringLower(MD5.HashData([.. Encoding.ASCII.GetBytes(inner), .. _salt]));
    }

    private Step Enter(PgMessages messages, AuthAttempt attempt)
    {
        messages.Authentication(0);
        if (!world.Has(_database))
        {
            return Step.Say(messages.Error(new PgError("FATAL", "3D000", $"database \"{_database}\" does not exist", "postinit.c", 970, "InitPostgres")).Bytes).Reporting(attempt).Closing();
        }

        _state = State.In;
        _console = new PostgresConsole(world, _database, _user);
        foreach (var (name, value) in PostgresWorld.Parameters(_user))
        {
            messages.Add('S', [.. PgMessages.Text(name), .. PgMessages.Text(value)]);
        }

        messages.Add('K', [.. PgMessages.Number(world.NextProcess()), .. RandomNumberGenerator.GetBytes(4)]);
        return Step.Say(messages.Ready().Bytes).Reporting(attempt, new SessionStarted(_user));
    }

    private Step Failed() => Fatal("28P01", $"password authentication failed for user \"{_user}\"", "auth.c", 334, "auth_failed");

    private static Step Fatal(string state, string text, string file, int line, string routine) => Fatal(new PgError("FATAL", state, text, file, line, routine));

    private static Step Fatal(PgError error) => Step.Say(new PgMessages().Error(error).Bytes).Closing();

    private static string Start(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 512)]);
}
