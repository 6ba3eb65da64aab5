using System.Globalization;

namespace Belljar.Mail.Delivering;

internal enum MtaStsMode
{
    None,
    Testing,
    Enforce,
}

/// <summary>A policy of RFC 8461, 3.2.</summary>
/// <param name="Hosts">Names, <c>*.</c> in front for one label.</param>
internal sealed record MtaStsPolicy(MtaStsMode Mode, IReadOnlyList<string> Hosts, TimeSpan MaxAge)
{
    private const int MostHosts = 100;

    /// <summary>A year, as the RFC says: longer is shorter.</summary>
    private const long LongestAge = 31_557_600;

    public static MtaStsPolicy? TryParse(string text)
    {
        var version = "";
        var hosts = new List<string>();
        MtaStsMode? mode = null;
        long? age = null;
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                continue;
            }

            var value = line[(colon + 1)..].Trim(' ', '\t', '\r');
            switch (line[..colon].Trim())
            {
                case "version" when version.Length == 0:
                    version = value;
                    break;
                case "mode":
                    mode ??= value switch { "enforce" => MtaStsMode.Enforce, "testing" => MtaStsMode.Testing, "none" => MtaStsMode.None, _ => null };
                    break;
                case "mx" when hosts.Count < MostHosts:
                    hosts.Add(value.TrimEnd('.').ToLowerInvariant());
                    break;
                case "max_age" when age is null && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds):
                    age = Math.Min(seconds, LongestAge);
                    break;
            }
        }

        return version == "STSv1" && mode is { } known && age is { } lasting && (known == MtaStsMode.None || hosts.Count > 0)
            ? new MtaStsPolicy(known, hosts, TimeSpan.FromSeconds(lasting))
            : null;
    }

    /// <summary>RFC 8461, 4.1: exactly, or with one label in the star's place.</summary>
    public bool Allows(string host) => Hosts.Any(pattern => pattern == host
        || (pattern.StartsWith("*.", StringComparison.Ordinal) && host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && pattern.AsSpan(1).SequenceEqual(host.AsSpan(dot))));
}
