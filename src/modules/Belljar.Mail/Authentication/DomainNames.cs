namespace Belljar.Mail.Authentication;

/// <summary>Comparisons of domain names as text, without their last dot; case of ASCII does not matter.</summary>
internal static class DomainNames
{
    public static bool AreSame(string left, string right) => left.Length > 0 && left.Equals(right, StringComparison.OrdinalIgnoreCase);

    /// <summary>On a label's boundary: <c>badexample.org</c> is not below <c>example.org</c>.</summary>
    public static bool IsSameOrBelow(string name, string ancestor) =>
        AreSame(name, ancestor)
        || (ancestor.Length > 0 && name.Length > ancestor.Length
            && name[name.Length - ancestor.Length - 1] == '.' && name.EndsWith(ancestor, StringComparison.OrdinalIgnoreCase));
}
