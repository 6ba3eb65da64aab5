using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Vnc;

/// <summary>
/// A screen behind VNC authentication (RFC 6143, 7.1 and 7.2), as TigerVNC guards it. Nobody gets in: what is shown is a challenge,
/// and what is recorded is the response.
/// </summary>
internal sealed class VncDialogue : IDialogue
{
    private const int VersionLength = 12;
    private const int ResponseLength = 16;
    private const byte VncAuthentication = 2;

    private readonly byte[] _challenge = RandomNumberGenerator.GetBytes(ResponseLength);
    private int _minor;
    private State _state;

    private enum State
    {
        Version,
        SecurityType,
        Response,
    }

    public TimeSpan Patience => TimeSpan.FromMinutes(2);

    public Step Begin() => Step.Say("RFB 003.008\n");

    public Step TimedOut() => Step.NeedsMore;

    public Step Take(ReadOnlySpan<byte> unread) => _state switch
    {
        State.Version when unread.Length >= VersionLength => Version(Encoding.Latin1.GetString(unread[..VersionLength])),
        State.SecurityType => SecurityType(unread[0]),
        State.Response when unread.Length >= ResponseLength => Response(unread[..ResponseLength]),
        _ => Step.NeedsMore,
    };

    private Step Version(string text)
    {
        // The last byte is not looked at.
        if (!text.StartsWith("RFB ", StringComparison.Ordinal) || text[7] != '.' || !TryNumber(text.AsSpan(4, 3), out var major)
            || !TryNumber(text.AsSpan(8, 3), out _minor))
        {
            return new Step { Consumed = VersionLength, Reports = [new CommandGiven(text, null)], Closes = true };
        }

        if (major != 3)
        {
            // No security types, and why.
            return Say([0], $"Client needs protocol version {major}.{_minor}, server has 3.8").After(VersionLength).Closing();
        }

        if (_minor >= 7)
        {
            _state = State.SecurityType;
            return Step.Say(new byte[] { 1, VncAuthentication }).After(VersionLength);
        }

        // 3.3: the server decides.
        _state = State.Response;
        return Step.Say((byte[])[0, 0, 0, VncAuthentication, .. _challenge]).After(VersionLength);
    }

    private Step SecurityType(byte type)
    {
        _state = State.Response;
        return type == VncAuthentication
            ? Step.Say(_challenge).After(1)
            : new Step { Consumed = 1, Reports = [new AuthAttempt("", $"security type {type}", "none", null, false)], Closes = true };
    }

    private Step Response(ReadOnlySpan<byte> response)
    {
        var shown = $"$vnc$*{Convert.ToHexString(_challenge)}*{Convert.ToHexString(response)}";
        var answer = _minor >= 8 ? Say([0, 0, 0, 1], "Authentication failure") : Step.Say(new byte[] { 0, 0, 0, 1 });
        return answer.After(ResponseLength).Reporting(new AuthAttempt("", "VNC authentication", "vnc_response", shown, false)).Closing();
    }

    /// <summary>A reason follows with its length.</summary>
    private static Step Say(byte[] number, string reason) =>
        Step.Say((byte[])[.. number, 0, 0, 0, (byte)reason.Length, .. Encoding.ASCII.GetBytes(reason)]);

    private static bool TryNumber(ReadOnlySpan<char> digits, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
