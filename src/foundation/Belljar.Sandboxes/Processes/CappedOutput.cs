using System.Buffers;

namespace Belljar.Sandboxes.Processes;

/// <summary>Keeps the first bytes of a stream and reads the rest away.</summary>
internal sealed class CappedOutput(int most)
{
    private readonly ArrayBufferWriter<byte> _kept = new();

    public bool Truncated { get; private set; }

    public async Task ReadAsync(Stream stream, CancellationToken ct)
    {
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, ct)) > 0)
        {
            var room = Math.Min(count, most - _kept.WrittenCount);
            _kept.Write(buffer.AsSpan(0, room));
            Truncated |= room < count;
        }
    }

    public byte[] ToArray() => _kept.WrittenSpan.ToArray();
}
