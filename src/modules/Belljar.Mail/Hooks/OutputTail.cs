using System.Text;
using Belljar.Mime.Text;

namespace Belljar.Mail.Hooks;

/// <summary>Keeps the last bytes that a program wrote; the rest is read away, so that the program does not block.</summary>
internal sealed class OutputTail
{
    public const int Length = 2048;

    private readonly byte[] _kept = new byte[Length];
    private long _written;

    public async Task ReadAsync(Stream stream, CancellationToken ct)
    {
        var buffer = new byte[4096];
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, ct)) > 0)
            {
                for (var i = Math.Max(0, count - Length); i < count; i++)
                {
                    _kept[(_written + i) % Length] = buffer[i];
                }

                _written += count;
            }
        }
        catch (OperationCanceledException)
        {
            // Somebody whom it left behind holds the pipe open: what was read is kept.
        }
    }

    /// <summary>One line, fit for a log.</summary>
    public override string ToString()
    {
        var tail = new byte[Math.Min(_written, Length)];
        for (var i = 0; i < tail.Length; i++)
        {
            tail[i] = _kept[(_written - tail.Length + i) % Length];
        }

        return SafeText.OneLine(Encoding.UTF8.GetString(tail).Trim(), Length);
    }
}
