namespace Belljar.Sandboxes;

/// <summary>A sandbox could not be made, started or reached. The message is for the operator and says what to do where that is known.</summary>
public class SandboxException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A sandbox was not wholly removed. The message names what is left and the commands that remove it; cleaning up does so too.</summary>
public sealed class SandboxRemainsException(string name, IReadOnlyList<SandboxRemains> remains, Exception? inner = null)
    : SandboxException(
        $"The sandbox {name} is not wholly removed. "
        + string.Join(' ', remains.Select(one => $"Left: {one.What}; remove it with: {one.Command}")),
        inner)
{
    public IReadOnlyList<SandboxRemains> Remains { get; } = remains;
}
