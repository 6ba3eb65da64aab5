using Belljar.Contracts;

namespace Belljar.Decoys.Fleet;

/// <summary>The operating system that a decoy seems to run: whose packages, versions and greetings it shows.</summary>
public sealed record DecoyDistro(string Name, string Summary, string Greeting) : INamed
{
    public static readonly DecoyDistro Debian = new("debian-12", "Debian 12 with its packages' versions.", Debian12.Issue);

    public static readonly Registry<DecoyDistro> All = new("distro", Debian);
}
