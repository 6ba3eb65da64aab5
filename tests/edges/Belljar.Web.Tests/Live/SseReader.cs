using System.Globalization;

namespace Belljar.Web.Tests.Live;

/// <summary>Reads server-sent events as a browser does.</summary>
internal sealed class SseReader(StreamReader reader)
{
    /// <summary>The next event that has data; comments are counted and passed over.</summary>
    /// <returns>Null at the stream's end.</returns>
    public async Task<(long Id, string Event, string Data)?> NextAsync()
    {
        var (id, name, data) = (0L, "", new List<string>());
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Length == 0 && data.Count > 0)
            {
                return (id, name, string.Join('\n', data));
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = colon < 0 ? "" : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (colon < 0 ? line : line[..colon])
            {
                case "":
                    Comments += line.Length > 0 ? 1 : 0;
                    break;
                case "id":
                    id = long.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "event":
                    name = value;
                    break;
                case "data":
                    data.Add(value);
                    break;
            }
        }

        return null;
    }

    public int Comments { get; private set; }
}
