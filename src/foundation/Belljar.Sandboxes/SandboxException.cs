namespace Belljar.Sandboxes;

/// <summary>A sandbox could not be made, started or reached. The message is for the operator and says what to do where that is known.</summary>
public sealed class SandboxException(string message, Exception? inner = null) : Exception(message, inner);
