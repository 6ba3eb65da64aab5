using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text.Json;
using Belljar.Bottles.Sessions;
using Belljar.Hosting;
using Belljar.Sandboxes.Processes;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sessions;

/// <summary>The supervisor of one session as a process of its own, which outlives the terminal that started it.</summary>
internal static class SessionProcess
{
    /// <summary>Where the supervisor finds its plan: a length and JSON, never a file.</summary>
    public const int PlanDescriptor = 3;

    /// <summary>The command's streams are ours; the plan goes over a pipe, because it may hold secrets.</summary>
    public static async Task<ChildProcess> StartAsync(SessionPlan plan, BelljarPaths paths, CancellationToken ct)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        var command = await OwnNamespace.CommandAsync(paths, [.. OwnProgram.Command, "session", plan.Slug], ct);
        var supervisor = ChildProcess.Start(new ChildSpec(command)
        {
            Environment = ProcessEnvironment.All(),
            Input = ChildStream.Inherit,
            Output = ChildStream.Inherit,
            Error = ChildStream.Inherit,
            Descriptors = new Dictionary<int, SafeHandle> { [PlanDescriptor] = pipe.ClientSafePipeHandle },
            Grouping = ChildGrouping.OwnSession,
        });
        supervisor.Release();
        pipe.DisposeLocalCopyOfClientHandle();
        pipe.Write(JsonSerializer.SerializeToUtf8Bytes(plan, SessionJson.Default.SessionPlan));
        return supervisor;
    }

    /// <summary>Called once, by the supervisor.</summary>
    public static SessionPlan ReadPlan()
    {
        using var descriptor = new SafeFileHandle(PlanDescriptor, ownsHandle: true);
        if (descriptor.IsInvalid)
        {
            throw new OperatorException("this is a command of 'belljar bottle run', which hands over the plan.", OperatorException.WrongUsage);
        }

        try
        {
            using var stream = new FileStream(descriptor, FileAccess.Read);
            return JsonSerializer.Deserialize(stream, SessionJson.Default.SessionPlan) ?? throw new OperatorException("the session's plan is empty.");
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or ArgumentException or JsonException)
        {
            throw new OperatorException("this is a command of 'belljar bottle run', which hands over the plan.", OperatorException.WrongUsage);
        }
    }
}
