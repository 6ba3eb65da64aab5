using System.Buffers.Text;
using System.Text;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Smtp;

/// <content>AUTH (RFC 4954), by PLAIN and LOGIN.</content>
internal sealed partial class SmtpDialogue
{
    /// <summary>What PAM waits before it says no.</summary>
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(2.1);

    private Step LogIn(string argument)
    {
        var words = argument.Split(' ', 2);
        var mechanism = words[0].ToUpperInvariant();
        if (argument.Length == 0)
        {
            return Say("501 5.5.4 Syntax: AUTH mechanism");
        }

        if (mechanism is not ("PLAIN" or "LOGIN"))
        {
            return Say("535 5.7.8 Error: authentication failed: no mechanism available");
        }

        _loginMechanism = mechanism;
        _loginName = null;
        return words.Length > 1 ? LoginLine(words[1]) : Say(mechanism is "PLAIN" ? "334" : "334 VXNlcm5hbWU6").Reporting(new CommandGiven($"AUTH {mechanism}", "334"));
    }

    private Step LoginLine(string line)
    {
        if (line == "*" || !Base64.IsValid(line))
        {
            _loginMechanism = null;
            return Say(line == "*" ? "501 5.7.0 Authentication aborted" : "535 5.7.8 Error: authentication failed: Invalid authentication mechanism")
                .Reporting(new CommandGiven(line, "5xx"));
        }

        var text = Encoding.UTF8.GetString(Convert.FromBase64String(line));
        if (_loginMechanism is "PLAIN")
        {
            var parts = text.Split('\0');
            return Decide("PLAIN", parts.Length > 1 ? parts[1] : parts[0], parts.Length > 2 ? parts[2] : "");
        }

        if (_loginName is null)
        {
            _loginName = text;
            return Say("334 UGFzc3dvcmQ6").Reporting(new CommandGiven("AUTH LOGIN", "334"));
        }

        return Decide("LOGIN", _loginName, text);
    }

    private Step Decide(string mechanism, string user, string password)
    {
        _loginMechanism = null;
        var isAllowed = door!.Value.Admits(user, password);
        var attempt = new AuthAttempt(user, mechanism, "password", password, isAllowed);

        // Who is in may still send to nobody but the people of this host.
        return isAllowed
            ? Say("235 2.7.0 Authentication successful").Reporting(attempt, new SessionStarted(user))
            : Say("535 5.7.8 Error: authentication failed: authentication failure").Reporting(attempt) with { Pause = FailureDelay };
    }
}
