using System.Text;

namespace Belljar.Protocols.Http1;

/// <summary>What the Connection fields name (RFC 9110 §7.6.1).</summary>
public sealed class ConnectionOptions
{
    private const int Most = 32;

    private readonly List<string> _names = [];

    public bool Close { get; private set; }

    public bool KeepAlive { get; private set; }

    /// <summary>The Upgrade field is meant for whoever reads this.</summary>
    public bool Upgrade { get; private set; }

    /// <summary>Whether the field belongs to this connection only and must not be passed on.</summary>
    public bool Drops(in Field field)
    {
        if (field.Known.IsHopByHop())
        {
            return true;
        }

        foreach (var name in _names)
        {
            if (Ascii.EqualsIgnoreCase(field.Name, name))
            {
                return true;
            }
        }

        return false;
    }

    internal void Clear()
    {
        _names.Clear();
        (Close, KeepAlive, Upgrade) = (false, false, false);
    }

    /// <summary>A list of tokens, bounded; anything else would let two readers drop different fields.</summary>
    internal Http1Refusal Read(FieldList fields)
    {
        foreach (var field in fields)
        {
            if (field.Known is not KnownField.Connection)
            {
                continue;
            }

            foreach (var range in field.Value.Split((byte)','))
            {
                var option = Octets.Trim(field.Value[range]);
                if (!Octets.IsToken(option) || _names.Count == Most)
                {
                    return Http1Refusal.ConnectionMalformed;
                }

                Close |= Ascii.EqualsIgnoreCase(option, "close"u8);
                KeepAlive |= Ascii.EqualsIgnoreCase(option, "keep-alive"u8);
                Upgrade |= Ascii.EqualsIgnoreCase(option, "upgrade"u8);
                _names.Add(Encoding.ASCII.GetString(option));
            }
        }

        return Http1Refusal.None;
    }
}
