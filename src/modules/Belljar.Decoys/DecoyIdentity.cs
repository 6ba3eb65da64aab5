using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Belljar.Decoys;

/// <summary>
/// Where everything random about a decoy comes from: the same question always has the same answer, after a restart and
/// on another machine, and a neighbour's answer is another one.
/// </summary>
/// <param name="name">The decoy's name, unique in its fleet.</param>
/// <param name="hostname">What it calls itself.</param>
/// <param name="seed">The operator's own word, or the name: whoever knows it can foretell every answer.</param>
public sealed class DecoyIdentity(string name, string hostname, string seed)
{
    public string Name => name;

    public string Hostname => hostname;

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, both possible.</summary>
    public long Between(string question, long least, long most) => least + (long)(Hash(question) % (ulong)(most - least + 1));

    public T Pick<T>(string question, IReadOnlyList<T> choices) => choices[(int)Between(question, 0, choices.Count - 1)];

    private ulong Hash(string question)
    {
        // Length before each part: ("ab", "c") and ("a", "bc") are different questions.
        var text = Encoding.UTF8.GetBytes($"{seed.Length}:{seed}{name.Length}:{name}{question}");
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(text));
    }
}
