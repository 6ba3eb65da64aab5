using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Processes;

/// <summary>execve: the present process becomes another program, with the same process number and open descriptors 0, 1, 2.</summary>
public static unsafe class ProcessReplacement
{
    private const int SetMask = 2;
    private const int LastSignal = 64;

    /// <summary>Returns only by exception. Descriptors marked close-on-exec (all that .NET opens) are closed.</summary>
    /// <exception cref="ProgramNotFoundException">There is no such program.</exception>
    public static void Exec(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        var search = environment.GetValueOrDefault("PATH") ?? ProgramPath.Default;
        var path = ProgramPath.Find(command[0], search) ?? throw new ProgramNotFoundException(command[0]);
        using var program = new NativeStrings([path]);
        using var arguments = new NativeStrings(command);
        using var values = new NativeStrings([.. environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        ResetSignals();
        _ = Libc.execve(program.Pointers[0], arguments.Pointers, values.Pointers);
        throw NativeException.Last($"cannot become {path}");
    }

    /// <summary>What is ignored or blocked stays so across exec; handlers do not.</summary>
    private static void ResetSignals()
    {
        for (var number = 1; number <= LastSignal; number++)
        {
            _ = Libc.signal(number, 0);
        }

        var none = stackalloc byte[128];
        _ = Libc.sigemptyset(none);
        _ = Libc.sigprocmask(SetMask, none, null);
    }
}
