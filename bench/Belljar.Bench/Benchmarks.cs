using Belljar.Bench.Bus;
using Belljar.Bench.Detection;
using Belljar.Bench.Egress;
using Belljar.Bench.Mail;
using Belljar.Bench.Precision;

namespace Belljar.Bench;

/// <summary>Every benchmark, in the order in which <c>bench/run all</c> runs them.</summary>
internal static class Benchmarks
{
    public static readonly IBenchmark[] All =
    [
        new BusBenchmark(),
        new IngestBenchmark(),
        new SandboxBenchmark(),
        new MimeBenchmark(),
        new MailInBenchmark(),
        new MailAuthBenchmark(),
        new DetectionBenchmark(),
        new PrecisionBenchmark(),
        new MailOutBenchmark(),
        new EgressBenchmark(),
        new Http2EgressBenchmark(),
    ];
}
