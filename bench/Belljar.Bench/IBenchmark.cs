using Belljar.Contracts;

namespace Belljar.Bench;

/// <summary>One hot path, measured. It prints its own lines; a peer, where there is one, is measured in the same run.</summary>
public interface IBenchmark : INamed
{
    string Summary { get; }

    Task RunAsync(CancellationToken ct);
}
