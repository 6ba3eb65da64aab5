using System.Reflection;

namespace Belljar;

internal static class BelljarVersion
{
    public static string Text { get; } =
        typeof(BelljarVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
