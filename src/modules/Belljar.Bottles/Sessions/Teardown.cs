using Microsoft.Extensions.Logging;

namespace Belljar.Bottles.Sessions;

/// <summary>
/// What was made, to be unmade in reverse, always. A step that fails does not keep the others from running; it leaves a
/// warning that names what was left and the command that removes it.
/// </summary>
internal sealed partial class Teardown(ILogger logger) : IAsyncDisposable
{
    private readonly Stack<(string What, string Remedy, Func<ValueTask> Undo)> _steps = [];

    /// <summary>What could not be removed, with the command that does it.</summary>
    public List<string> Left { get; } = [];

    public void Add(string what, string remedy, Func<ValueTask> undo) => _steps.Push((what, remedy, undo));

    public async ValueTask DisposeAsync()
    {
        while (_steps.TryPop(out var step))
        {
            try
            {
                await step.Undo();
            }
            catch (Exception failure)
            {
                Left.Add($"{step.What} was left behind; remove it with: {step.Remedy}");
                LogLeft(failure, step.What, step.Remedy);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} was left behind; remove it with: {Remedy}")]
    private partial void LogLeft(Exception failure, string what, string remedy);
}
