using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Belljar.Hosting;

namespace Belljar.Home;

/// <summary>What an empty home is given, so that there is something to see at once: commented, and all on loopback.</summary>
internal static class Starter
{
    private const UnixFileMode OwnerWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly int[] SmtpPorts = [25, 2525, 2526, 2527, 2528, 2529];
    private static readonly int[] ConsolePorts = [7480, 7481, 7482, 7483, 7484, 7485, 7486, 7487];

    /// <summary>Writes what is missing, never over what is there.</summary>
    /// <returns>The files that were written.</returns>
    public static IReadOnlyList<string> Write(BelljarPaths paths)
    {
        var written = new List<string>();
        if (File.Exists(paths.ConfigurationFile))
        {
            return written;
        }

        Directory.CreateDirectory(paths.Bottles);
        WriteNew(paths.ConfigurationFile, Configuration(FreePort(IPAddress.Loopback, SmtpPorts), FreePort(IPAddress.Loopback, ConsolePorts)), written);
        WriteNew(Path.Combine(paths.Home, "decoys.yaml"), Fleet(RandomDecoyAddress()), written);
        WriteNew(Path.Combine(paths.Bottles, "dev.md"), DevBottle, written);
        return written;
    }

    private static void WriteNew(string path, string text, List<string> written)
    {
        if (!File.Exists(path))
        {
            File.WriteAllText(path, text);
            File.SetUnixFileMode(path, OwnerWrites);
            written.Add(path);
        }
    }

    private static string Configuration(int smtpPort, int consolePort) => $$"""
        # Belljar's configuration. `belljar config check` finds mistakes, `belljar config show` prints what is in force.
        # Every key can be set by the environment too: BELLJAR__WEB__LISTEN=127.0.0.1:8080

        # A mail server for agents and people on this machine.
        mail:
          smtp:
            # Where mail is received. A port below 1024 that this user may not bind becomes port + 20000.
            listen: [127.0.0.1:{{smtpPort}}]
          domains: [agent.localhost]
          mailboxes:
            # agent@agent.localhost; its messages are Markdown files below state/mail/inbox/agent.
            agent: {}

        # Hosts that exist to be attacked. Which ones stands in the fleet file.
        decoys:
          fleet: decoys.yaml

        # The console: the timeline of everything. `belljar up` prints the address with its token.
        web:
          listen: 127.0.0.1:{{consolePort}}

        """;

    private static string Fleet(IPAddress address) => $"""
        # The decoys of this machine. Whoever touches one is recorded: belljar events --kind 'decoy.>'
        decoys:
          - name: intranet
            services: [http]
            # loopback: an address of 127.77.0.0/16, reachable from this machine only.
            driver: loopback
            address: {address}
            # What is random about it follows from its name and this.
            seed: {RandomNumberGenerator.GetHexString(16, lowercase: true)}

        """;

    private const string DevBottle = """
        ---
        # What sessions of this bottle may reach. Everything else is refused, and every decision is an event.
        egress:
          routes:
            - host: example.com
            - host: "*.example.org"
              methods: [GET, HEAD]
            # A port other than 80 and 443 has to be named, and so has an address that is not public:
            # - host: build.localhost
            #   ports: [8080]
        ---
        # dev
        The bottle for trying things out:

            belljar bottle run dev -- curl -sS http://example.com/

        Inside, there is no network but loopback. The gate at 127.0.0.1:17480 is the only way out.

        """;

    /// <summary>Two homes on one machine should not meet: each gets ports that were free when it was made.</summary>
    private static int FreePort(IPAddress address, int[] candidates) => Array.Find(candidates, port => IsFree(address, port)) is var free and > 0
        ? free
        : candidates[0];

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var socket = ListenAddress.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (OperatorException)
        {
            return false;
        }
    }

    private static IPAddress RandomDecoyAddress() =>
        new([127, 77, (byte)RandomNumberGenerator.GetInt32(1, 255), (byte)RandomNumberGenerator.GetInt32(1, 255)]);
}
