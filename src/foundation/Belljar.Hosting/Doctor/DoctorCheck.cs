using Belljar.Contracts;
using Belljar.Hosting.Settings;

namespace Belljar.Hosting.Doctor;

/// <summary>Ordered: the worst of several is the largest.</summary>
public enum CheckState
{
    Ok,

    /// <summary>It works, and will not for ever, or not for everybody.</summary>
    Warn,

    /// <summary>It does not work.</summary>
    Bad,
}

/// <summary>One thing that <c>belljar doctor</c> looks at. The executable's catalogue lists them all.</summary>
/// <param name="Name">The part first: <c>mail-certificate</c>.</param>
/// <param name="RunAsync">Looks, and changes nothing. What is wrong is a row, not an exception.</param>
public sealed record DoctorCheck(string Name, string Summary, Func<DoctorContext, CancellationToken, Task<IReadOnlyList<DoctorRow>>> RunAsync) : INamed;

/// <summary>What a check may look at.</summary>
public sealed record DoctorContext(BelljarPaths Paths, SettingsSet Settings, TimeProvider Clock);

/// <param name="What">What was found, for people.</param>
/// <param name="Remedy">What to do about it; null where nothing needs doing.</param>
public sealed record DoctorRow(CheckState State, string What, string? Remedy = null);
