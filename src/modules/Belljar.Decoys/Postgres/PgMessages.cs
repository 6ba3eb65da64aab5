using System.Buffers.Binary;
using System.Text;

namespace Belljar.Decoys.Postgres;

/// <summary>Writes messages: a letter, a length that counts itself, and what follows.</summary>
internal sealed class PgMessages
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public PgMessages Add(char type, params ReadOnlySpan<byte> payload)
    {
        _bytes.Add((byte)type);
        _bytes.AddRange(Number(payload.Length + 4));
        _bytes.AddRange(payload);
        return this;
    }

    public PgMessages Authentication(int kind, params ReadOnlySpan<byte> rest) => Add('R', [.. Number(kind), .. rest]);

    public PgMessages Ready(char status = 'I') => Add('Z', (byte)status);

    public PgMessages Complete(string tag) => Add('C', Text(tag));

    public PgMessages Error(PgError error)
    {
        var fields = new List<byte>();
        foreach (var (code, text) in error.Fields)
        {
            fields.AddRange([(byte)code, .. Text(text)]);
        }

        return Add('E', [.. fields, 0]);
    }

    /// <summary>A table of text columns.</summary>
    public PgMessages Result(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        Add('T', [.. Short(columns.Count), .. columns.SelectMany(column => (byte[])[.. Text(column), 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0])]);
        foreach (var row in rows)
        {
            Add('D', [.. Short(row.Count), .. row.Select(Encoding.UTF8.GetBytes).SelectMany(value => (byte[])[.. Number(value.Length), .. value])]);
        }

        return Complete($"SELECT {rows.Count}");
    }

    public static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    public static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];
}

/// <summary>An error as PostgreSQL words it. Where in its source it was raised is sent too, so it is part of the claim.</summary>
/// <param name="Severity"><c>FATAL</c> or <c>ERROR</c>.</param>
/// <param name="State">Five characters.</param>
internal sealed record PgError(string Severity, string State, string Message, string File, int Line, string Routine)
{
    public string? Detail { get; init; }

    public string? Hint { get; init; }

    public int? Position { get; init; }

    public IEnumerable<(char Code, string Text)> Fields
    {
        get
        {
            yield return ('S', Severity);
            yield return ('V', Severity);
            yield return ('C', State);
            yield return ('M', Message);
            if (Detail is not null)
            {
                yield return ('D', Detail);
            }

            if (Hint is not null)
            {
                yield return ('H', Hint);
            }

            if (Position is { } at)
            {
                yield return ('P', at.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            yield return ('F', File);
            yield return ('L', Line.ToString(System.Globalization.CultureInfo.InvariantCulture));
            yield return ('R', Routine);
        }
    }
}
