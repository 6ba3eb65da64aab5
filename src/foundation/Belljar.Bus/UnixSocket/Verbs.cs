namespace Belljar.Bus.UnixSocket;

/// <summary>The verbs of <c>bus.sock</c>.</summary>
internal static class Verbs
{
    /// <summary><c>HELLO client</c>: the first frame of a client that wants to be counted under a name.</summary>
    public const string Hello = "HELLO";

    /// <summary><c>PUB topic</c> with the envelope: to every subscriber.</summary>
    public const string Publish = "PUB";

    /// <summary><c>SUB pattern</c>; the broker's echo acknowledges it.</summary>
    public const string Subscribe = "SUB";

    /// <summary><c>UNSUB pattern</c>; the broker's echo acknowledges it.</summary>
    public const string Unsubscribe = "UNSUB";

    /// <summary><c>EVT topic</c> with the envelope, from the broker.</summary>
    public const string Event = "EVT";

    /// <summary>The last frame of a side that leaves on purpose.</summary>
    public const string Bye = "BYE";

    /// <summary>A subscriber's name: a topic of at most this many characters.</summary>
    public const int LongestClient = 64;
}
