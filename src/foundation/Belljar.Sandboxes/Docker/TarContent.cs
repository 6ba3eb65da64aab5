using System.Formats.Tar;
using System.Net;
using System.Net.Http.Headers;

namespace Belljar.Sandboxes.Docker;

/// <summary>A request's body that is a tar stream, written while it is sent.</summary>
internal sealed class TarContent : HttpContent
{
    private readonly Action<TarWriter> _write;

    public TarContent(Action<TarWriter> write)
    {
        _write = write;
        Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.Run(() =>
    {
        var buffered = new BufferedStream(stream, 128 * 1024); // Not disposed: the request's stream is the client's.
        using (var writer = new TarWriter(buffered, TarEntryFormat.Pax, leaveOpen: true))
        {
            _write(writer);
        }

        buffered.Flush();
    });

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
