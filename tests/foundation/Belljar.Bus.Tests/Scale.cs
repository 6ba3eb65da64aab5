using System.Diagnostics.CodeAnalysis;

namespace Belljar.Bus.Tests;

internal static class Scale
{
    /// <summary>Long runs are for <c>./test --all</c>.</summary>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "Tests have no Hosting to ask.")]
    public static bool IsFull => Environment.GetEnvironmentVariable("BELLJAR_TEST_ALL") == "1";
}
