using System.Buffers.Binary;
using System.Text;

namespace Belljar.Decoys.Mysql;

/// <summary>Writes packets: a length of three bytes, a number that counts on, and what follows.</summary>
internal sealed class MysqlPackets(byte next)
{
    private readonly List<byte> _bytes = [];
    private byte _next = next;

    public byte[] Bytes => [.. _bytes];

    public MysqlPackets Add(params byte[] payload)
    {
        _bytes.AddRange([(byte)payload.Length, (byte)(payload.Length >> 8), (byte)(payload.Length >> 16), _next++, .. payload]);
        return this;
    }

    public MysqlPackets Ok(int status = 2) => Add(0, 0, 0, (byte)status, 0, 0, 0);

    public MysqlPackets Error(int code, string state, string text) =>
        Add([0xff, (byte)code, (byte)(code >> 8), (byte)'#', .. Encoding.ASCII.GetBytes(state), .. Encoding.Latin1.GetBytes(text)]);

    /// <summary>A table, as text.</summary>
    public MysqlPackets Result(MysqlCapabilities client, string schema, string table, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string?>> rows)
    {
        Add(client.CachesMetadata ? [(byte)columns.Count, 1] : [(byte)columns.Count]);
        foreach (var column in columns)
        {
            Add([
                .. Text("def"), .. Text(schema), .. Text(table), .. Text(table), .. Text(column), .. Text(column), .. client.WantsExtendedMetadata ? (byte[])[0] : [],
                12, 45, 0, 0, 4, 0, 0, 0xfd, 0, 0, 0, 0, 0]);
        }

        if (!client.DeprecatesEof)
        {
            Add(0xfe, 0, 0, 2, 0);
        }

        foreach (var row in rows)
        {
            Add([.. row.SelectMany(value => value is null ? [0xfb] : Text(value))]);
        }

        return client.DeprecatesEof ? Add(0xfe, 0, 0, 2, 0, 0, 0) : Add(0xfe, 0, 0, 2, 0);
    }

    public static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Text(string value)
    {
        var text = Encoding.UTF8.GetBytes(value);
        return text.Length < 251 ? [(byte)text.Length, .. text] : [0xfc, (byte)text.Length, (byte)(text.Length >> 8), .. text];
    }
}

/// <summary>What a client says that it can take.</summary>
internal readonly record struct MysqlCapabilities(uint Flags, uint Extended)
{
    private const uint Mysql = 1, ConnectsWithDatabase = 8, Ssl = 1 << 11, Protocol41Flag = 1 << 9, Plugin = 1 << 19, LengthEncoded = 1 << 21, NoEof = 1 << 24;

    public bool SpeaksProtocol41 => (Flags & Protocol41Flag) != 0;

    public bool NamesDatabase => (Flags & ConnectsWithDatabase) != 0;

    public bool WantsTls => (Flags & Ssl) != 0;

    public bool NamesPlugin => (Flags & Plugin) != 0;

    public bool EncodesLength => (Flags & LengthEncoded) != 0;

    public bool DeprecatesEof => (Flags & NoEof) != 0;

    public bool WantsExtendedMetadata => IsMariaDb && (Extended & 8) != 0;

    public bool CachesMetadata => IsMariaDb && (Extended & 16) != 0;

    private bool IsMariaDb => (Flags & Mysql) == 0;
}
