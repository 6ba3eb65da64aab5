using Belljar.Decoys.Logins;

namespace Belljar.Decoys.Dialogues;

/// <summary>A service of which every connection is a dialogue.</summary>
/// <param name="product">What it claims to be.</param>
/// <param name="logins">Who is let in.</param>
/// <param name="clock">Drives every deadline.</param>
/// <param name="begin">Makes the dialogue of one visitor.</param>
/// <param name="tls">Where the dialogue can begin TLS.</param>
internal sealed class DialogueServer(
    ClaimedProduct product, LoginPolicy logins, TimeProvider clock, Func<Visit, DoorKeeper, IDialogue> begin, ITlsIdentity? tls = null) : IDecoyServer
{
    private readonly LoginDoor _door = new(logins);

    public string Product => product.Name;

    public string Version => product.Version;

    public Task ServeAsync(Stream stream, Visit visit, CancellationToken ct) =>
        new DialogueLoop(stream, begin(visit, _door.For(visit.Remote.Address)), visit, clock, tls).RunAsync(ct);
}
