using System.Globalization;

namespace Belljar.Manifest;

/// <summary>Types of numbers. Only plain decimal digits: no <c>0x</c>, no <c>1_000</c>, no exponent, no plus sign.</summary>
public static class Number
{
    /// <summary>A TCP or UDP port that can be asked for by number.</summary>
    public static readonly SettingsType<int> Port = Between(1, 65535);

    public static SettingsType<int> Between(int least, int most) => new(
        $"a whole number from {least} to {most}",
        standIn: least,
        (string text, out int value) => int.TryParse(text, Digits(text), CultureInfo.InvariantCulture, out value)
            && value >= least && value <= most);

    public static SettingsType<long> Between(long least, long most) => new(
        $"a whole number from {least} to {most}",
        standIn: least,
        (string text, out long value) => long.TryParse(text, Digits(text), CultureInfo.InvariantCulture, out value)
            && value >= least && value <= most);

    /// <summary>A number with or without a fraction: <c>0.25</c>.</summary>
    public static SettingsType<double> Between(double least, double most) => new(
        string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"),
        standIn: least,
        (string text, out double value) => double.TryParse(text, Digits(text) | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value)
            && value >= least && value <= most);

    private static NumberStyles Digits(string text) => text.StartsWith('+') ? NumberStyles.None : NumberStyles.AllowLeadingSign;
}
