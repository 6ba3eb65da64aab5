namespace Belljar.Decoys.Http;

/// <summary>One decoy's web server.</summary>
internal sealed class HttpServer(IHttpDialect dialect, TimeProvider clock) : IDecoyServer
{
    public string Product => dialect.Product;

    public string Version => dialect.Version;

    public Task ServeAsync(Stream stream, Visit visit, CancellationToken ct) => new HttpConversation(stream, dialect, visit, clock).RunAsync(ct);
}
