using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Belljar.Sandboxes.Isolation;

/// <summary>
/// The system calls of a sandbox: a list of what is allowed, so that a call which a later kernel adds is refused until
/// someone has looked at it. EPERM for the rest.
/// </summary>
internal static class SeccompFilter
{
    private const int NotPermitted = 1;
    private const int NoSuchCall = 38;
    private const int NoSuchFamily = 97;
    private const int NetLink = 16;
    private const int Audit = 9;
    private const string Equal = "SCMP_CMP_EQ";
    private const string MaskedEqual = "SCMP_CMP_MASKED_EQ";

    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME.
    private const long NamespaceFlags = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x80;

    // TIOCSTI types into the terminal, TIOCLINUX pastes into it: both as if the operator had.
    private static readonly uint[] RefusedTerminalRequests = [0x5412, 0x541C];

    // Families: unix, inet, inet6. Types: stream, datagram, seqpacket; never raw (3) or packet (10).
    private static readonly int[] Families = [1, 2, 10];
    private static readonly int[] Types = [1, 2, 5];

    // personality(2): Linux, UNAME26, no randomisation (debuggers), and asking.
    private static readonly long[] Personalities = [0x0, 0x0008, 0x20000, 0x20008, 0xffffffff];

    private static readonly string[] Everywhere = ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"];

    /// <summary>For processes of this machine's architecture only: runtimes compile the filter for every command, and each architecture costs.</summary>
    public static JsonObject ForThisMachine() =>
        Build([RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64"]);

    /// <summary>For an engine whose machine may have another architecture than ours.</summary>
    public static JsonObject ForAnyMachine() => Build(Everywhere);

    private static JsonObject Build(IEnumerable<string> architectures) => new()
    {
        ["defaultAction"] = "SCMP_ACT_ERRNO",
        ["defaultErrnoRet"] = NotPermitted,
        ["architectures"] = Json.Array(architectures),
        ["syscalls"] = new JsonArray([.. Rules()]),
    };

    private static IEnumerable<JsonNode> Rules()
    {
        yield return Allow(SeccompCalls.Allowed);

        // The C library falls back to clone, whose flags a filter can see, and to epoll where io_uring is said to be absent.
        yield return Refuse(NoSuchCall, ["clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"]);
        yield return Allow(["clone"], Argument(0, NamespaceFlags, MaskedEqual, 0));
        foreach (var personality in Personalities)
        {
            yield return Allow(["personality"], Argument(0, personality, Equal));
        }

        foreach (var family in Families)
        {
            foreach (var type in Types)
            {
                // The type's upper bits are SOCK_CLOEXEC and SOCK_NONBLOCK.
                yield return Allow(["socket", "socketpair"], Argument(0, family, Equal), Argument(1, 0xf, MaskedEqual, type));
            }
        }

        // Netlink for reading addresses (getifaddrs) and nothing else. Programs that keep an audit (useradd, sshd) go on
        // where the kernel says that it has none, and give up where it says that they may not.
        yield return Allow(["socket"], Argument(0, NetLink, Equal), Argument(2, 0, Equal));
        yield return Refuse(NoSuchFamily, ["socket"], Argument(0, NetLink, Equal), Argument(2, Audit, Equal));
        foreach (var (mask, value) in BitPrefixes.OfAllBut(RefusedTerminalRequests))
        {
            yield return Allow(["ioctl"], Argument(1, mask, MaskedEqual, value));
        }
    }

    private static JsonObject Allow(IReadOnlyList<string> names, params JsonNode[] arguments) => Rule("SCMP_ACT_ALLOW", names, arguments);

    private static JsonObject Refuse(int error, IReadOnlyList<string> names, params JsonNode[] arguments)
    {
        var rule = Rule("SCMP_ACT_ERRNO", names, arguments);
        rule["errnoRet"] = error;
        return rule;
    }

    private static JsonObject Rule(string action, IReadOnlyList<string> names, JsonNode[] arguments)
    {
        var rule = new JsonObject { ["names"] = Json.Array(names), ["action"] = action };
        if (arguments.Length > 0)
        {
            rule["args"] = new JsonArray(arguments);
        }

        return rule;
    }

    private static JsonObject Argument(int index, long value, string comparison, long second = 0) => new()
    {
        ["index"] = index,
        ["value"] = value,
        ["valueTwo"] = second,
        ["op"] = comparison,
    };
}
