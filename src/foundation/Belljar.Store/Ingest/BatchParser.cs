using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Store.Events;

namespace Belljar.Store.Ingest;

/// <summary>
/// Reads a batch's body and refuses what can never be stored. Everything in it is the sender's word but for the sender
/// itself; a batch is taken as a whole or not at all.
/// </summary>
internal sealed class BatchParser(string host)
{
    /// <summary>Characters of an id or a host name.</summary>
    public const int LongestId = 256;

    private static readonly Dictionary<string, (EventKind Kind, JsonTypeInfo Payload)> Kinds = EventKinds.All.ToDictionary(
        kind => kind.Name,
        kind => (kind, ContractsJson.Default.GetTypeInfo(kind.PayloadType)
            ?? throw new InvalidOperationException($"ContractsJson does not know {kind.PayloadType.Name}.")));

    /// <param name="body">JSON Lines; a last newline may be missing, empty lines are skipped.</param>
    /// <param name="sender">From the connection.</param>
    /// <param name="rule">What this sender is held to; null for everything.</param>
    /// <param name="events">The events, stamped.</param>
    /// <param name="reason">Why not, for the sender.</param>
    public bool TryParse(
        ReadOnlySequence<byte> body, Sender sender, IngestRule? rule, out List<ReceivedEvent> events, out string reason)
    {
        events = [];
        reason = "";
        var length = (int)body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(rented);
            ReadOnlySpan<byte> rest = rented.AsSpan(0, length);
            for (var line = 1; !rest.IsEmpty; line++)
            {
                var end = rest.IndexOf((byte)'\n');
                var text = end < 0 ? rest : rest[..end];
                rest = end < 0 ? [] : rest[(end + 1)..];
                if (!text.IsEmpty && !TryParseLine(text, sender, rule, events, out reason))
                {
                    reason = $"line {line}: {reason}";
                    return false;
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private bool TryParseLine(ReadOnlySpan<byte> line, Sender sender, IngestRule? rule, List<ReceivedEvent> events, out string reason)
    {
        if (line.Length > IngestProtocol.LongestEvent)
        {
            reason = $"an event has at most {IngestProtocol.LongestEvent} bytes, this one {line.Length}";
            return false;
        }

        BelljarEvent? e;
        try
        {
            e = JsonSerializer.Deserialize(line, ContractsJson.Default.BelljarEvent);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a lone surrogate in a text.
            reason = "not an event in JSON";
            return false;
        }

        if (e is null || Objection(e, rule) is not { } objection)
        {
            reason = e is null ? "not an event in JSON" : "";
            if (e is not null)
            {
                events.Add(new ReceivedEvent(Stamp(e, rule), sender));
            }

            return e is not null;
        }

        reason = objection;
        return false;
    }

    /// <summary>Who is held to a rule does not name the machine either.</summary>
    private BelljarEvent Stamp(BelljarEvent e, IngestRule? rule) => e.Host is null || rule is not null ? e with { Host = host } : e;

    private static string? Objection(BelljarEvent e, IngestRule? rule)
    {
        if (!Kinds.TryGetValue(e.Kind ?? "", out var kind))
        {
            return "there is no such kind of event";
        }

        if (rule is not null && !rule.Allows(kind.Kind.Name))
        {
            return $"this sender may only send '{rule.KindPattern}'";
        }

        if (e.Id.Version != 7)
        {
            return "the id is not a UUIDv7";
        }

        if (!Enum.IsDefined(e.Severity))
        {
            return "there is no such severity";
        }

        return ObjectionToIds(e, kind.Kind) ?? ObjectionToData(e, kind.Payload);
    }

    private static string? ObjectionToIds(BelljarEvent e, EventKind kind)
    {
        foreach (var id in (ReadOnlySpan<string?>)[e.Host, e.Session, e.Attacker, e.Decoy, e.Mailbox])
        {
            if (id is not null && (id.Length is 0 or > LongestId || id.AsSpan().ContainsAnyInRange('\0', '\u001f')))
            {
                return $"host and ids have 1 to {LongestId} characters, none of them a control character";
            }
        }

        var present = kind.Id switch
        {
            TopicId.Session => e.Session,
            TopicId.Attacker => e.Attacker,
            TopicId.Decoy => e.Decoy,
            TopicId.Mailbox => e.Mailbox,
            _ => "",
        };
        return present is null ? $"an event of kind '{kind.Name}' names its {kind.Id.ToString().ToLowerInvariant()}" : null;
    }

    private static string? ObjectionToData(BelljarEvent e, JsonTypeInfo payload)
    {
        if (e.Data.ValueKind is not JsonValueKind.Object)
        {
            return "the data is not an object";
        }

        try
        {
            e.Data.Deserialize(payload);
            return null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return $"the data is not of the shape of '{e.Kind}'";
        }
    }
}
