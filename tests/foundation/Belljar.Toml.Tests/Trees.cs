namespace Belljar.Toml.Tests;

/// <summary>Compares trees: same keys, types and values; positions may differ.</summary>
internal static class Trees
{
    public static void AssertSame(TomlTable expected, TomlTable actual) =>
        Assert.True(Same(expected, actual), $"{TomlWriter.Write(expected)}\n— is not —\n{TomlWriter.Write(actual)}");

    public static bool Same(TomlValue a, TomlValue b) => (a, b) switch
    {
        // Order of keys may change: plain values are written before sub-tables.
        (TomlTable x, TomlTable y) => x.Count == y.Count && x.All(pair => y[pair.Key] is { } other && Same(pair.Value, other)),
        (TomlArray x, TomlArray y) => x.Count == y.Count && x.Zip(y).All(pair => Same(pair.First, pair.Second)),
        (TomlString x, TomlString y) => x.Value == y.Value,
        (TomlInteger x, TomlInteger y) => x.Value == y.Value,
        (TomlFloat x, TomlFloat y) => BitConverter.DoubleToInt64Bits(x.Value) == BitConverter.DoubleToInt64Bits(y.Value)
            || (double.IsNaN(x.Value) && double.IsNaN(y.Value)),
        (TomlBoolean x, TomlBoolean y) => x.Value == y.Value,
        (TomlOffsetDateTime x, TomlOffsetDateTime y) => x.Value.EqualsExact(y.Value),
        (TomlLocalDateTime x, TomlLocalDateTime y) => x.Value == y.Value,
        (TomlLocalDate x, TomlLocalDate y) => x.Value == y.Value,
        (TomlLocalTime x, TomlLocalTime y) => x.Value == y.Value,
        _ => false,
    };
}
