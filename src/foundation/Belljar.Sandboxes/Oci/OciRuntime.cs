using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Oci;

/// <summary>Calls the runtime. Its log comes through a pipe, so that its own complaints and a command's output stay apart.</summary>
internal sealed class OciRuntime(string program, string stateRoot)
{
    public const int FirstDescriptor = 3;
    private const int LongestLog = 64 * 1024;

    /// <summary>A runtime written in Go lives for milliseconds and allocates little: it need not collect garbage meanwhile.</summary>
    private static readonly Dictionary<string, string> Environment = new() { ["GOGC"] = "off" };

    public string Program => program;

    /// <summary>Starts the runtime; must be called where its mounts are to be seen.</summary>
    /// <param name="logDescriptor">A number of the runtime's that is free.</param>
    public RuntimeCall Start(IReadOnlyList<string> arguments, ChildSpec? streams = null, int logDescriptor = FirstDescriptor)
    {
        var log = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        try
        {
            var spec = (streams ?? new ChildSpec()) with
            {
                Command = [program, "--root", stateRoot, "--log", $"/proc/self/fd/{logDescriptor}", "--log-format", "json", .. arguments],
                Environment = Environment,
            };
            var child = ChildProcess.Start(spec with
            {
                Descriptors = new Dictionary<int, SafeHandle>(spec.Descriptors)
                {
                    [logDescriptor] = log.ClientSafePipeHandle,
                },
            });
            log.DisposeLocalCopyOfClientHandle();
            return new RuntimeCall(child, log);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Runs to the end.</summary>
    /// <exception cref="SandboxException">The runtime failed: with its own words.</exception>
    public async Task RunAsync(CancellationToken ct, params string[] arguments)
    {
        await using var call = Start(arguments);
        await call.SucceedAsync(arguments[0], ct);
    }

    /// <summary>One runtime process and what it logs.</summary>
    public sealed class RuntimeCall(ChildProcess child, AnonymousPipeServerStream log) : IAsyncDisposable
    {
        private readonly Task<string> _complaint = ReadComplaintAsync(log);

        public ChildProcess Child => child;

        /// <summary>The runtime's last error message, "" when it had none. Known once it has ended.</summary>
        public Task<string> ComplaintAsync(CancellationToken ct) => _complaint.WaitAsync(ct);

        public async Task SucceedAsync(string what, CancellationToken ct)
        {
            if (await child.Exited.WaitAsync(ct) is not 0 and var code)
            {
                throw new SandboxException($"The runtime's '{what}' failed ({code}): {await ComplaintAsync(ct)}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await child.DisposeAsync();
            await log.DisposeAsync();
        }

        private static async Task<string> ReadComplaintAsync(Stream log)
        {
            var output = new CappedOutput(LongestLog);
            try
            {
                await output.ReadAsync(log, CancellationToken.None);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // Disposed before the runtime had ended: what it said so far.
            }

            var last = "";
            foreach (var line in Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                last = Message(line) ?? last;
            }

            return last;
        }

        private static string? Message(string line)
        {
            try
            {
                var entry = JsonNode.Parse(line);
                return (string?)entry?["level"] is "error" or "fatal" ? (string?)entry["msg"] : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
