namespace Belljar.Decoys.Http;

/// <summary>All that came before a body.</summary>
internal sealed record RequestHead(RequestLine Line, IReadOnlyList<HeaderLine> Fields)
{
    /// <summary>The first field of that name; null when there is none.</summary>
    public string? Field(string name)
    {
        foreach (var field in Fields)
        {
            if (field.Is(name))
            {
                return field.Value;
            }
        }

        return null;
    }

    public int Count(string name) => Fields.Count(field => field.Is(name));

    /// <summary>Whether a list-valued field names a token, in any case.</summary>
    public bool Names(string name, string token) => Fields.Any(field => field.Is(name)
        && field.Value.Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase));
}
