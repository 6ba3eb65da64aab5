using System.Net;
using System.Security.Cryptography;
using System.Text;
using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;

namespace Belljar.Decoys.Mysql;

/// <summary>One connection to MariaDB: greeting, login by mysql_native_password, and then commands.</summary>
internal sealed class MysqlDialogue(MysqlWorld world, DoorKeeper door, IPAddress remote, uint thread) : IDialogue
{
    private const int HeaderLength = 4;
    private const int LongestBeforeLogin = 8192;
    private const int LongestCommand = 256 * 1024;
    private const int SaltLength = 20;

    private readonly byte[] _salt = NewSalt();
    private MysqlCapabilities _client;
    private MysqlLogin? _switched;
    private MysqlConsole? _console;
    private byte _expected = 1;

    /// <summary>connect_timeout before the login; after it wait_timeout would be eight hours.</summary>
    public TimeSpan Patience => _console is null ? TimeSpan.FromSeconds(10) : TimeSpan.FromMinutes(30);

    public Step Begin() => Step.Say(new MysqlPackets(0).Add(
    [
        10, .. Encoding.ASCII.GetBytes($"5.5.5-{world.Version}"), 0, .. MysqlPackets.Number(thread), .. _salt.AsSpan(0, 8), 0,
        0xfe, 0xf7, 45, 2, 0, 0xff, 0x81, SaltLength + 1, 0, 0, 0, 0, 0, 0, 0x1d, 0, 0, 0, .. _salt.AsSpan(8), 0,
        .. Encoding.ASCII.GetBytes(MysqlLogin.NativePassword), 0,
    ]).Bytes);

    public Step TimedOut() => Step.NeedsMore;

    public Step Take(ReadOnlySpan<byte> unread)
    {
        if (unread.Length < HeaderLength)
        {
            return Step.NeedsMore;
        }

        if (unread.StartsWith("\r\n\r\n"u8) || unread.StartsWith("PROX"u8))
        {
            // It looks for a proxy's announcement, and wants none.
            return Step.Say(new MysqlPackets(_expected).Error(1130, "HY000", $"Proxy header is not accepted from {remote}").Bytes).After(unread.Length).Closing();
        }

        var length = unread[0] | (unread[1] << 8) | (unread[2] << 16);
        if (unread[3] != _expected)
        {
            return Step.Say(new MysqlPackets(_expected).Error(1156, "08S01", "Got packets out of order").Bytes).After(unread.Length).Reporting(new CommandGiven(Start(unread), "1156")).Closing();
        }

        if (length > (_console is null ? LongestBeforeLogin : LongestCommand))
        {
            return Step.Say(new MysqlPackets((byte)(_expected + 1)).Error(1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes").Bytes)
                .After(unread.Length).Reporting(new CommandGiven(Start(unread), "1153")).Closing();
        }

        if (unread.Length < HeaderLength + length)
        {
            return Step.NeedsMore;
        }

        var payload = unread.Slice(HeaderLength, length);
        var step = _console is { } console ? console.Answer(payload, _client) : _switched is { } login ? Switched(login, payload) : LogIn(payload);
        return step.After(HeaderLength + length);
    }

    private Step LogIn(ReadOnlySpan<byte> payload)
    {
        if (MysqlLogin.Read(payload) is not { } login || login.Capabilities.WantsTls)
        {
            return BadHandshake(payload);
        }

        _client = login.Capabilities;
        if (login.Plugin != MysqlLogin.NativePassword)
        {
            (_switched, _expected) = (login, 3);
            return Step.Say(new MysqlPackets(2).Add([0xfe, .. Encoding.ASCII.GetBytes(MysqlLogin.NativePassword), 0, .. _salt, 0]).Bytes);
        }

        return login.Response.Length is 0 or SaltLength ? Decide(login, login.Response, 2) : BadHandshake(payload);
    }

    private Step Switched(MysqlLogin login, ReadOnlySpan<byte> response) =>
        response.Length is 0 or SaltLength ? Decide(login, response.ToArray(), 4) : BadHandshake(response, 4);

    private Step Decide(MysqlLogin login, byte[] response, byte next)
    {
        var isAllowed = door.Admits(login.User, password => MysqlLogin.Fits(response, _salt, password));
        var secret = response.Length == 0 ? null : $"$mysqlna${Convert.ToHexStringLower(_salt)}*{Convert.ToHexStringLower(response)}";
        var attempt = new AuthAttempt(login.User, MysqlLogin.NativePassword, secret is null ? "none" : "mysql_native", secret, isAllowed);
        if (!isAllowed)
        {
            return Step.Say(new MysqlPackets(next).Error(
                1045, "28000", $"Access denied for user '{login.User}'@'{Host()}' (using password: {(secret is null ? "NO" : "YES")})").Bytes).Reporting(attempt).Closing();
        }

        _console = new MysqlConsole(world, login.User, thread);
        _expected = 0;
        var reply = _console.TryUse(login.Database) ? new MysqlPackets(next).Ok() : new MysqlPackets(next).Error(1049, "42000", $"Unknown database '{login.Database}'");
        return Step.Say(reply.Bytes).Reporting(attempt, new SessionStarted(login.User));
    }

    private static Step BadHandshake(ReadOnlySpan<byte> payload, byte next = 2) =>
        Step.Say(new MysqlPackets(next).Error(1043, "08S01", "Bad handshake").Bytes).Reporting(new CommandGiven(Start(payload), "1043")).Closing();

    private string Host() => IPAddress.IsLoopback(remote) ? "localhost" : remote.ToString();

    private static string Start(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 512)]);

    /// <summary>Printable, and another one for each connection: a response is worth nothing on the next one.</summary>
    private static byte[] NewSalt()
    {
        var salt = new byte[SaltLength];
        for (var i = 0; i < salt.Length; i++)
        {
            salt[i] = (byte)RandomNumberGenerator.GetInt32('!', '~');
        }

        return salt;
    }
}
