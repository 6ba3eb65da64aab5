namespace Belljar.Manifest;

/// <summary>The bytes of a file that holds settings, never more than is allowed.</summary>
internal static class SettingsFile
{
    public const string Allowed = "a file in UTF-8 of at most 1 MiB";

    /// <summary>What cannot be opened is a mistake like any other. One byte too many is read, so that the reader sees it.</summary>
    public static byte[]? Bytes(string path, SettingsErrors errors)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[Yaml.LongestFile + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return bytes[..length];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var why = error switch
            {
                FileNotFoundException or DirectoryNotFoundException => "no such file",
                UnauthorizedAccessException => "a file that may not be read",
                _ => "a file that cannot be read",
            };
            errors.Add(new SettingsError(Position.Of(path), "", why, Allowed));
            return null;
        }
    }
}
