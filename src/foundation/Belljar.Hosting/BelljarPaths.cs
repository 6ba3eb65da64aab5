using System.Text;

namespace Belljar.Hosting;

/// <summary>
/// Where things lie. Embedded, everything is below one home: <c>belljar.yaml</c>, <c>bottles/</c>, <c>agents/</c>,
/// <c>state/</c> (what must survive), <c>run/</c> (sockets and locks, worthless after a restart).
/// </summary>
public sealed record BelljarPaths
{
    /// <summary>A Unix socket's name holds 108 bytes with its terminating zero (unix(7)).</summary>
    private const int LongestSocketName = 107;

    private const string LongestSocket = "sessions/xxxxxxxxxxxxxxxxxxxxxxxx-abcde/session.sock";

    private BelljarPaths(string home) => Home = home;

    public string Home { get; }

    public string ConfigurationFile => Path.Combine(Home, "belljar.yaml");

    public string Bottles => Path.Combine(Home, "bottles");

    public string Agents => Path.Combine(Home, "agents");

    public string State => Path.Combine(Home, "state");

    public string Run => Path.Combine(Home, "run");

    public string Logs => Path.Combine(State, "logs");

    public string EventsDatabase => Path.Combine(State, "events.db");

    /// <summary>Each producer of events has a folder here for the time when the recorder is away.</summary>
    public string Spool => Path.Combine(State, "spool");

    public string MailData => Path.Combine(State, "mail");

    /// <summary>Sessions' own state, one folder each, by slug.</summary>
    public string Sessions => Path.Combine(State, "sessions");

    public string ConsoleToken => Path.Combine(State, "console.token");

    public string BusSocket => Path.Combine(Run, "bus.sock");

    public string IngestSocket => Path.Combine(Run, "ingest.sock");

    public string ControlSocket => Path.Combine(Run, "control.sock");

    /// <summary>Everybody on this machine may open it: who he is decides what he may do.</summary>
    public string MailSocket => Path.Combine(Run, "mail.sock");

    /// <summary>Held for as long as <c>belljar up</c> runs: one home has one.</summary>
    public string UpLock => Path.Combine(Run, "up.lock");

    /// <param name="home">An absolute path; <c>$BELLJAR_HOME</c>, else <c>~/.belljar</c>.</param>
    /// <exception cref="OperatorException">The path is relative, or so long that a socket below it would have no valid name.</exception>
    public static BelljarPaths At(string home)
    {
        if (!Path.IsPathFullyQualified(home))
        {
            throw new OperatorException($"BELLJAR_HOME is '{home}'; it must be an absolute path.");
        }

        var paths = new BelljarPaths(Path.TrimEndingDirectorySeparator(Path.GetFullPath(home)));
        var longest = Encoding.UTF8.GetByteCount(Path.Combine(paths.Run, LongestSocket));
        if (longest > LongestSocketName)
        {
            throw new OperatorException(
                $"BELLJAR_HOME is too long: a socket's name holds {LongestSocketName} bytes and would need {longest}. Choose a shorter path.");
        }

        return paths;
    }

    public static BelljarPaths FromEnvironment()
    {
        var home = ProcessEnvironment.Get("BELLJAR_HOME");
        if (home is not null)
        {
            return At(home);
        }

        var user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return user.Length > 0
            ? At(Path.Combine(user, ".belljar"))
            : throw new OperatorException("Neither BELLJAR_HOME nor HOME is set. Set BELLJAR_HOME to the folder that Belljar may use.");
    }
}
