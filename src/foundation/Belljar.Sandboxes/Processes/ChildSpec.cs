using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Belljar.Sandboxes.Processes;

/// <summary>To whose process group and session a child belongs.</summary>
public enum ChildGrouping
{
    /// <summary>The parent's: the terminal's signals reach both.</summary>
    Parents,

    /// <summary>A group of its own in the parent's session.</summary>
    OwnGroup,

    /// <summary>A session (and group) of its own, without a controlling terminal.</summary>
    OwnSession,
}

/// <summary>Exactly what a child process gets: nothing that is not written here reaches it.</summary>
public sealed record ChildSpec
{
    /// <param name="command">
    /// The argument array. A first element without a slash is looked for on the child's <c>PATH</c>, else on
    /// <see cref="ProgramPath.Default"/>.
    /// </param>
    public ChildSpec(params IReadOnlyList<string> command)
    {
        Command = command;
    }

    public IReadOnlyList<string> Command { get; init; }

    /// <summary>The whole environment. Secrets are better sent by <see cref="Input"/> or a descriptor.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Null: the parent's.</summary>
    public string? WorkingDirectory { get; init; }

    public ChildStream Input { get; init; } = ChildStream.Null;

    public ChildStream Output { get; init; } = ChildStream.Null;

    public ChildStream Error { get; init; } = ChildStream.Null;

    /// <summary>Further descriptors by the number (3 and up) that they have in the child. All others are closed.</summary>
    public IReadOnlyDictionary<int, SafeHandle> Descriptors { get; init; } = FrozenDictionary<int, SafeHandle>.Empty;

    public ChildGrouping Grouping { get; init; } = ChildGrouping.OwnSession;

    /// <summary>
    /// The terminal that becomes the child's standard streams and controls its session; the three streams and
    /// <see cref="Grouping"/> are then not looked at.
    /// </summary>
    public PseudoTerminal? Terminal { get; init; }
}
