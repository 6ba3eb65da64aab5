namespace Belljar.Sandboxes.Isolation;

/// <summary>What root inside may do, within its user namespace. Any other user inside has none.</summary>
internal static class Capabilities
{
    /// <summary>What unpacking and installing packages takes.</summary>
    private static readonly string[] Agent =
        ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_NET_BIND_SERVICE"];

    /// <summary>Besides, what sshd and login take.</summary>
    private static readonly string[] Decoy = [.. Agent, "CAP_SYS_CHROOT", "CAP_AUDIT_WRITE", "CAP_SETPCAP", "CAP_SETFCAP"];

    public static IReadOnlyList<string> For(SandboxProfile profile) => profile == SandboxProfile.Decoy ? Decoy : Agent;
}
