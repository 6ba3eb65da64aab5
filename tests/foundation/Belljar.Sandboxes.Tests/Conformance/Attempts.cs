namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>Something that must not work inside.</summary>
/// <param name="Command">For <c>sh -c</c>; must end with another code than 0 (and 127, which would only say that a tool is missing).</param>
/// <param name="Control">For <c>sh -c</c> as root on the host, in mount, host-name and process namespaces of its own: must end with 0, so that the attempt is known to be able to work.</param>
/// <param name="Needs">A path that not every kernel has; without it on the host there is nothing to try.</param>
/// <param name="Setup">What the control needs around it: run by <c>sh</c> in a network namespace of its own, it ends by becoming <c>sh -c "$CONTROL"</c>.</param>
internal sealed record Attempt(string Name, string Command, string Control, string? Needs = null, string? Setup = null)
{
    public override string ToString() => Name;
}

/// <summary>The attempts, by what of spec "What must hold" they try. <c>$HOST_PID</c> is a process of the host, <c>$HOST_FILE</c> one of its files.</summary>
internal static class Attempts
{
    private const string Become = "exec sh -c \"$CONTROL\"";

    /// <summary>A network with another device than loopback, addresses and routes, and its own view of /sys.</summary>
    private static string Network => $"""
        ip link add bj0 type veth peer name bj1 && ip addr add 192.0.2.1/24 dev bj0 && ip link set bj0 up && ip link set bj1 up || exit 99
        ip -6 addr add 2001:db8::1/64 dev bj0 nodad && {Until("ip route get 2001:db8::1 | grep -q ^local")}
        mount -t sysfs sysfs /sys || exit 99
        {Become}
        """;

    /// <summary>Names that resolve.</summary>
    private const string Names = $"""
        mount -t tmpfs t /mnt && echo '192.0.2.1 example.com' > /mnt/hosts && mount --bind /mnt/hosts /etc/hosts || exit 99
        {Become}
        """;

    public static readonly Attempt[] All =
    [
        // Mounts, namespaces, devices.
        Same("mount a tmpfs", "mount -t tmpfs x /mnt"),
        Same("mount proc", "mount -t proc p /mnt"),
        Same("bind mount", "mount --bind /etc /mnt"),
        new("unmount a mask", "umount /proc/kcore || umount /sys/firmware", "mount -t tmpfs x /mnt && umount /mnt"),
        new("remount /proc/sys writable", "mount -o remount,rw /proc/sys", "mount -t tmpfs x /mnt && mount -o remount,ro /mnt"),
        Same("user namespace", "unshare -U true"),
        Same("mount namespace", "unshare -m true"),
        Same("network namespace", "unshare -n true"),
        Same("process namespace", "unshare -p -f true"),
        Same("enter a namespace", "nsenter -t $$ -n true"),
        Same("block device", "rm -f /tmp/bj-sda; mknod /tmp/bj-sda b 8 0 && rm /tmp/bj-sda"),
        Same("memory device", "rm -f /tmp/bj-mem; mknod /tmp/bj-mem c 1 1 && rm /tmp/bj-mem"),
        Same("host name", "hostname changed"),

        // The kernel's own files.
        Same("kernel log", "dmesg > /dev/null"),
        new("sysrq", "echo 1 > /proc/sys/kernel/sysrq", "test -w /proc/sys/kernel/sysrq", "/proc/sys/kernel/sysrq"),
        new("sysrq trigger", "echo b > /proc/sysrq-trigger", "test -w /proc/sysrq-trigger", "/proc/sysrq-trigger"),
        new("core pattern", "echo '|/tmp/x' > /proc/sys/kernel/core_pattern", "test -w /proc/sys/kernel/core_pattern"),
        InNetwork("forwarding", "echo 1 > /proc/sys/net/ipv4/ip_forward", Network),
        new("kernel memory", "head -c 1 /proc/kcore | grep -q .", "head -c 1 /proc/kcore > /dev/null", "/proc/kcore"),
        new("/sys/kernel", "ls /sys/kernel/ | grep -q .", "ls /sys/kernel/ | grep -q ."),
        InNetwork("/sys writable", "echo 1500 > /sys/class/net/lo/mtu", Network),
        new("control groups", "mkdir /sys/fs/cgroup/bj-escape", "test -w /sys/fs/cgroup"),
        new("release agent", "find / -xdev -name release_agent 2> /dev/null | grep -q .", "find /sys/fs/cgroup -name release_agent -o -name cgroup.procs | grep -q ."),
        new("page cache", "echo 1 > /proc/sys/vm/drop_caches", "test -w /proc/sys/vm/drop_caches"),

        // The host's processes and files.
        new("signal to a host process", "kill -0 $HOST_PID", "kill -0 $HOST_PID"),
        new("environment of a host process", "cat /proc/$HOST_PID/environ", "cat /proc/$HOST_PID/environ"),
        new("file of the host", "cat $HOST_FILE", "cat $HOST_FILE"),
        new("file of the host by the first process", "cat /proc/1/root$HOST_FILE", "cat /proc/1/root$HOST_FILE || cat $HOST_FILE"),
        new("home of root", "ls -A /root | grep -q .", "test -d /root && ls -A / | grep -q ."),
        new("accounts", "test -s /etc/shadow && grep -q ':\\$' /etc/shadow || test -e /etc/machine-id-of-host", "test -e /etc/passwd"),
        new("docker.sock", "test -S /var/run/docker.sock || test -S /run/docker.sock", "test -S $HOST_SOCKET"),
        new("socket of the host", "test -e $HOST_SOCKET", "test -S $HOST_SOCKET"),
        new("dpkg's records of the host", "test -s /var/lib/dpkg/status", "test -e /var/lib/dpkg/status || test -d /var/lib"),

        // The network.
        InNetwork("device but loopback", "ls /sys/class/net | grep -v '^lo$'", Network),
        InNetwork("route", "tail -n +2 /proc/net/route | grep -q .", Network),
        InNetwork("IPv6 route but loopback", "grep -v ' lo$' /proc/net/ipv6_route | grep -q .", Network, "/proc/net/ipv6_route"),
        InNetwork("connect outside", Connect("1.1.1.1", 443), Listening("1.1.1.1/32", 443)),
        InNetwork("connect outside by IPv6", Connect("2606:4700:4700::1111", 443), Listening("2606:4700:4700::1111/128", 443), "/proc/net/if_inet6"),
        InNetwork("metadata address", Connect("169.254.169.254", 80), Listening("169.254.169.254/32", 80)),
        new("service of the host", "bash -c 'exec 3<>/dev/tcp/127.0.0.1/$HOST_PORT'", "bash -c 'exec 3<>/dev/tcp/127.0.0.1/$HOST_PORT'"),
        InNetwork("name", "getent hosts example.com", Names),
        new("abstract socket of the host", Perl("socket(S, 1, 1, 0) && connect(S, pack(\"Sa*\", 1, \"\\0$ENV{HOST_ABSTRACT}\"))"), Perl("socket(S, 1, 1, 0) && connect(S, pack(\"Sa*\", 1, \"\\0$ENV{HOST_ABSTRACT}\"))")),
        Same("raw socket", Perl("socket(S, 2, 3, 1)")),
        Same("raw IPv6 socket", Perl("socket(S, 10, 3, 58)")),
        Same("packet socket", Perl("socket(S, 17, 3, 768)")),
        Same("vsock", Perl("socket(S, 40, 1, 0)")) with { Needs = "/dev/vsock" },
        Same("interface", "ip link add bj0 type veth peer name bj1 && ip link del bj0"),
    ];

    private static Attempt Same(string name, string command) => new(name, command, command);

    private static Attempt InNetwork(string name, string command, string setup, string? needs = null) => new(name, command, command, needs, setup);

    /// <summary>The kernel adds an IPv6 address at once and its route a moment later, from a work queue.</summary>
    private static string Until(string command) => $"for moment in $(seq 500); do {command} && break; sleep 0.01; done";

    private static string Connect(string address, int port) => $"bash -c 'exec 3<>/dev/tcp/{address}/{port}'";

    /// <summary>A network in which the address is this machine's own and somebody listens: connections wait to be accepted while the socket is open.</summary>
    private static string Listening(string address, int port)
    {
        var (family, any) = address.Contains(':') ? (10, "pack(\"SnNa16N\", 10, $ENV{PORT}, 0, \"\", 0)") : (2, "pack(\"Sna4x8\", 2, $ENV{PORT}, \"\")");
        return $$"""
            ip link set lo up && ip addr add {{address}} dev lo nodad || ip addr add {{address}} dev lo || exit 99
            {{Until($"ip route get {address.Split('/')[0]} | grep -q ^local")}}
            export PORT={{port}}
            exec perl -e '$^F = 99; socket(S, {{family}}, 1, 0) && bind(S, {{any}}) && listen(S, 8) or exit 99; exec("sh", "-c", $ENV{CONTROL})'
            """;
    }

    private static string Perl(string expression) => $"perl -e 'exit(({expression}) ? 0 : 1)'";
}
