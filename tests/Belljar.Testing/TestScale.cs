using System.Diagnostics.CodeAnalysis;

namespace Belljar.Testing;

/// <summary>How long tests may take: <c>./test --all</c> asks for the long ones.</summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "Tests have no Hosting to ask.")]
public static class TestScale
{
    public static bool IsAll { get; } = Environment.GetEnvironmentVariable("BELLJAR_TEST_ALL") == "1";
}
