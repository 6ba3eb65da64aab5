namespace Belljar.Manifest;

/// <summary>One mistake of whoever wrote a setting.</summary>
/// <param name="KeyPath">The full path: <c>mail.smtp.port</c>, <c>egress.routes[2].host</c>; empty for the file as a whole.</param>
/// <param name="Found">What was found, printable and short.</param>
/// <param name="Allowed">What is allowed there.</param>
/// <param name="Hint">What to do, where that is more than writing what is allowed; may be empty.</param>
public sealed record SettingsError(Position Position, string KeyPath, string Found, string Allowed, string Hint = "")
{
    /// <summary>One line: <c>belljar.yaml:12:5: mail.smtp.port: found 'abc'; allowed: a whole number from 1 to 65535</c>.</summary>
    public override string ToString()
    {
        var path = KeyPath is "" ? "" : $"{KeyPath}: ";
        var hint = Hint is "" ? "" : $"; {Hint}";
        var allowed = Allowed is "" ? "" : $"; allowed: {Allowed}";
        return $"{Position}: {path}found {Found}{hint}{allowed}";
    }
}
