namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>System calls made by perl: what each gives inside is EPERM or ENOSYS; on the host it is anything else, so that the call is known to exist.</summary>
internal static class SystemCalls
{
    private const string Buffer = "$buffer";

    public static readonly (string Name, int Number, string Arguments)[] Refused =
    [
        ("io_uring_setup", 425, $"8, {Buffer}"), ("keyctl", 250, "0, -3, 0"), ("add_key", 248, $"{Buffer}, {Buffer}, {Buffer}, 1, -3"),
        ("bpf", 321, $"0, {Buffer}, 48"), ("userfaultfd", 323, "1"), ("perf_event_open", 298, $"{Buffer}, 0, -1, -1, 0"),
        ("ptrace", 101, "16, 0, 0, 0"), ("setns", 308, "0, 0"),
        ("open_tree", 428, $"-100, {Buffer}, 0"), ("process_vm_readv", 310, $"$$ + 0, {Buffer}, 0, {Buffer}, 0, 0"),
        ("socket packet", 41, "17, 3, 0"), ("socket inet raw", 41, "2, 3, 1"),
        ("TIOCSTI", 16, $"0, 0x5412, {Buffer}"), ("TIOCSTI high bit", 16, $"0, 0x100005412, {Buffer}"), ("TIOCLINUX", 16, $"0, 0x541C, {Buffer}"),
        ("open_by_handle_at", 304, $"0, {Buffer}, 0"), ("personality odd", 135, "0x0400000"), ("pidfd_getfd", 438, "0, 0, 0"),
        ("name_to_handle_at", 303, $"-100, {Buffer}, {Buffer}, {Buffer}, 0"), ("kcmp", 312, "$$ + 0, $$ + 0, 0, 0, 0"), ("fanotify_init", 300, "0, 0"),
        ("socket vsock", 41, "40, 1, 0"), ("socket alg", 41, "38, 5, 0"), ("netlink netfilter", 41, "16, 3, 12"),
        ("clone with NEWUSER", 56, "0x10000011, 0, 0, 0, 0"), ("clone3", 435, $"{Buffer}, 64"), ("clock_settime", 227, "99, 0"), ("acct", 163, "$missing"),

        // Last: on the host it works, and what follows would run in the new namespace.
        ("unshare", 272, "0x10000000"),
    ];

    /// <summary>Given so that on the host they do nothing: a descriptor that is no module, no segments, a wrong magic number.</summary>
    public static readonly (string Name, int Number, string Arguments)[] OfTheOwner =
    [
        ("finit_module", 313, $"0, {Buffer}, 0"), ("kexec_load", 246, $"0, 0, {Buffer}, 0"), ("reboot", 169, "0, 0, 0, 0"),
    ];

    public static readonly (string Name, int Number, string Arguments)[] Allowed =
    [
        ("getpid", 39, ""), ("socket inet", 41, "2, 1, 0"), ("socket inet cloexec", 41, "2, 0x80801, 0"), ("socket unix", 41, "1, 2, 0"),
        ("netlink route", 41, "16, 3, 0"), ("pidfd_open self", 434, "$$ + 0, 0"), ("personality ask", 135, "0xffffffff"),
    ];

    public static string Script(IEnumerable<(string Name, int Number, string Arguments)> calls) =>
        "my $buffer = \"\\0\" x 256; my $missing = \"/no/such\";\n" + string.Concat(calls.Select(
            call => $"$! = 0; my $r = syscall({call.Number}{(call.Arguments.Length == 0 ? "" : ", ")}{call.Arguments}); {(call.Name.StartsWith("clone", StringComparison.Ordinal) ? "syscall(60, 0) if $r == 0; " : "")}print '{call.Name}: ', ($r == -1 ? $!+0 : 'done'), \"\\n\";\n"));

    public static Dictionary<string, string> Answers(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ")).ToDictionary(pair => pair[0], pair => pair[1]);
}
