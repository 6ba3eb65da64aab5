using System.Text;

namespace Belljar.Decoys.Http;

/// <summary>What a target means as a path of the site.</summary>
internal static class UrlPath
{
    /// <summary>Decodes, takes out empty and dot segments.</summary>
    /// <param name="target">The path with everything after it taken off.</param>
    /// <param name="path">Where it leads; ends with a slash when it names a folder.</param>
    /// <returns>False for a bad escape, or a path that climbs above the root.</returns>
    public static bool TryResolve(string target, out string path)
    {
        path = "/";
        if (Decode(target) is not { } decoded)
        {
            return false;
        }

        var segments = new List<string>();
        var parts = decoded.Split('/');
        foreach (var part in parts)
        {
            if (part is ".." && segments.Count == 0)
            {
                return false;
            }

            if (part is "..")
            {
                segments.RemoveAt(segments.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                segments.Add(part);
            }
        }

        var isFolder = parts[^1] is "" or "." or "..";
        path = segments.Count == 0 ? "/" : $"/{string.Join('/', segments)}{(isFolder ? "/" : "")}";
        return true;
    }

    private static string? Decode(string target)
    {
        var decoded = new StringBuilder(target.Length);
        for (var i = 0; i < target.Length; i++)
        {
            if (target[i] != '%')
            {
                decoded.Append(target[i]);
                continue;
            }

            if (i + 2 >= target.Length || !char.IsAsciiHexDigit(target[i + 1]) || !char.IsAsciiHexDigit(target[i + 2]))
            {
                return null;
            }

            decoded.Append((char)Convert.ToByte(target.Substring(i + 1, 2), 16));
            i += 2;
        }

        return decoded.ToString();
    }
}
