using Belljar.Contracts;
using Belljar.Manifest;

namespace Belljar.Decoys;

public enum DecoyTransport
{
    Tcp,
}

/// <summary>One protocol that a decoy can speak.</summary>
/// <param name="Name">Its id, in the fleet file and in events: <c>http</c>.</param>
/// <param name="Summary">What a visitor meets, in one line.</param>
/// <param name="Transport">What carries it.</param>
/// <param name="Ports">Where such a service usually listens; the first is the default.</param>
/// <param name="Read">Reads its settings; mistakes are collected by the reader.</param>
public sealed record DecoyService(
    string Name, string Summary, DecoyTransport Transport, IReadOnlyList<int> Ports, Func<SettingsReader, CreateDecoyServer> Read) : INamed;

/// <summary>Makes the server of one decoy out of what was read. Cheap, and the same every time for the same identity.</summary>
public delegate IDecoyServer CreateDecoyServer(DecoyIdentity identity, TimeProvider clock);

/// <summary>What answers the visitors of one service of one decoy. Shared by all of its connections.</summary>
public interface IDecoyServer
{
    /// <summary>What it claims to be: <c>nginx</c>.</summary>
    string Product { get; }

    /// <summary>The version that it claims.</summary>
    string Version { get; }

    /// <summary>
    /// Talks to one visitor until either side ends it. The caller closes the stream, and catches what the network throws.
    /// </summary>
    Task ServeAsync(Stream stream, Visit visit, CancellationToken ct);
}
