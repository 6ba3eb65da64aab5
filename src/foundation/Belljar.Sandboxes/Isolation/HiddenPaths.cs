namespace Belljar.Sandboxes.Isolation;

/// <summary>Paths of /proc and /sys that a sandbox does not see, or cannot write.</summary>
internal static class HiddenPaths
{
    // What tells of the host or can act on it.
    public static readonly string[] Masked =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
        "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/cgroup",
        "/sys/kernel",
    ];

    public static readonly string[] ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
}
