namespace Belljar.Detection.Validators;

/// <summary>RFC 9562's text form. Far more of them name things than open them.</summary>
internal static class Uuid
{
    public static bool IsOne(ReadOnlySpan<byte> value) =>
        value.Length == 36 && value[8] == '-' && value[13] == '-' && value[18] == '-' && value[23] == '-';
}
