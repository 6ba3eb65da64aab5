using System.Runtime.InteropServices;

namespace Belljar.Sandboxes.Processes;

/// <summary>Where one of a child's standard streams leads.</summary>
public abstract record ChildStream
{
    private ChildStream()
    {
    }

    /// <summary>The parent's own stream of the same number.</summary>
    public static ChildStream Inherit { get; } = new Inherited();

    /// <summary><c>/dev/null</c>.</summary>
    public static ChildStream Null { get; } = new Nothing();

    /// <summary>A pipe whose other end is a stream of <see cref="ChildProcess"/>.</summary>
    public static ChildStream Pipe { get; } = new Piped();

    /// <summary>Output only: the same place as the child's standard output.</summary>
    public static ChildStream AsOutput { get; } = new SameAsOutput();

    /// <summary>An open descriptor, which the caller keeps and closes: a socket, a file, a terminal.</summary>
    public static ChildStream From(SafeHandle descriptor) => new Given(descriptor);

    internal sealed record Inherited : ChildStream;

    internal sealed record Nothing : ChildStream;

    internal sealed record Piped : ChildStream;

    internal sealed record SameAsOutput : ChildStream;

    internal sealed record Given(SafeHandle Descriptor) : ChildStream;
}
