using Belljar.Contracts;
using Belljar.Decoys;
using Belljar.Hosting.Workers;
using Belljar.Mail;
using Belljar.Web;
using Belljar.Workers;

namespace Belljar;

/// <summary>Every worker, those first that the others report to. The order makes logs readable; nobody relies on it.</summary>
internal static class WorkerCatalog
{
    public static readonly Registry<WorkerDefinition> All = new(
        "worker",
        RecorderWorker.Definition,
        BusWorker.Definition,
        ControlWorker.Definition,
        MailWorker.Definition,
        DecoysWorker.Definition,
        WebWorker.Definition);

    /// <summary>They are stopped last, in the opposite order: the others still have something to say until then.</summary>
    public static readonly IReadOnlyList<string> StoppedLast = [RecorderWorker.Definition.Name, BusWorker.Definition.Name, ControlWorker.Definition.Name];
}
