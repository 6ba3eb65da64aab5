using Belljar.Contracts;

namespace Belljar.Sandboxes.Images;

/// <summary>What a Debian tree is to hold.</summary>
/// <param name="Packages">Besides those that a minimal system has.</param>
public sealed record ImageRecipe(string Name, string Summary, IReadOnlyList<string> Packages) : INamed
{
    /// <summary>The trees that are built by name, one for each profile of sandboxes.</summary>
    public static readonly Registry<ImageRecipe> All = new(
        "image recipe",
        new ImageRecipe(
            "agent",
            "Debian with git, curl, node, python and ripgrep, for agents",
            ["ca-certificates", "curl", "git", "less", "nodejs", "npm", "openssh-client", "procps", "python3", "python3-pip", "python3-venv", "ripgrep"]),
        new ImageRecipe(
            "decoy",
            "Debian with sshd and what a small server has, for decoys",
            ["bash-completion", "ca-certificates", "cron", "curl", "iproute2", "less", "nano", "net-tools", "openssh-server", "procps", "python3", "rsyslog", "sudo", "vim-tiny"]));
}
