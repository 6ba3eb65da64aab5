namespace Belljar.Sandboxes.Processes;

/// <summary>Signal numbers (signal(7), the same on x86-64 and arm64).</summary>
public enum Signal
{
    Hangup = 1,
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    User1 = 10,
    User2 = 12,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
    WindowChange = 28,
}
