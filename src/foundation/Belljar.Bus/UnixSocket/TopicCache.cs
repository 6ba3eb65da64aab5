using System.Text;
using Belljar.Contracts;

namespace Belljar.Bus.UnixSocket;

/// <summary>
/// Turns a frame's argument into a checked topic without allocating for one that was seen lately. Bounded: a topic lies
/// in the one place that its hash gives, and pushes out what lay there. Safe for threads, since a place is one reference
/// and what is read from it is compared.
/// </summary>
internal sealed class TopicCache
{
    private const int Places = 1024;

    private readonly string?[] _places = new string?[Places];

    /// <returns>Null when it is no topic.</returns>
    public string? Find(ReadOnlySpan<byte> topic)
    {
        // Seeded at random in each process, so that a peer cannot choose topics that share a place.
        var hash = default(HashCode);
        hash.AddBytes(topic);
        ref var place = ref _places[hash.ToHashCode() & (Places - 1)];
        if (place is { } seen && Ascii.Equals(topic, seen))
        {
            return seen;
        }

        var text = Encoding.ASCII.GetString(topic);
        return Topic.IsValid(text) ? place = text : null;
    }
}
