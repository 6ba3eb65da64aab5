using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Belljar.Contracts.Events;

/// <summary>Which id of an event becomes the second token of its topic.</summary>
public enum TopicId
{
    None,
    Session,
    Attacker,
    Decoy,
    Mailbox,
}

/// <summary>One kind of event: its name, what it says, and how its topic is built.</summary>
public abstract class EventKind : INamed
{
    private protected EventKind(string name, string summary, TopicId id, bool isAudit)
    {
        Name = name;
        Summary = summary;
        Id = id;
        IsAudit = isAudit;
    }

    public string Name { get; }

    /// <summary>One sentence for people.</summary>
    public string Summary { get; }

    /// <summary>The id that belongs into the topic; an event of this kind always carries it.</summary>
    public TopicId Id { get; }

    /// <summary>Decisions, grants and operator's actions: they stand in the hash chain.</summary>
    public bool IsAudit { get; }

    /// <summary>The record that the data holds.</summary>
    public abstract Type PayloadType { get; }

    /// <summary>The kind with the event's id after its first token: <c>gate.dev-abcde.egress.decision</c>.</summary>
    public string TopicOf(BelljarEvent e)
    {
        var id = Id switch
        {
            TopicId.Session => e.Session,
            TopicId.Attacker => e.Attacker,
            TopicId.Decoy => e.Decoy,
            TopicId.Mailbox => e.Mailbox,
            _ => null,
        };
        if (Id is TopicId.None)
        {
            return Name;
        }

        var dot = Name.IndexOf('.', StringComparison.Ordinal);
        return $"{Name[..dot]}.{Topic.Token(id ?? "")}{Name[dot..]}";
    }

    /// <summary>The topic's form for documents: <c>gate.&lt;session&gt;.egress.decision</c>.</summary>
    public string TopicForm
    {
        get
        {
            var dot = Name.IndexOf('.', StringComparison.Ordinal);
            return Id is TopicId.None ? Name : $"{Name[..dot]}.<{Id.ToString().ToLowerInvariant()}>{Name[dot..]}";
        }
    }
}

/// <summary>A kind of event with the type of its payload.</summary>
public sealed class EventKind<T>(string name, string summary, JsonTypeInfo<T> json, TopicId id = TopicId.None, bool isAudit = false)
    : EventKind(name, summary, id, isAudit)
{
    public override Type PayloadType => typeof(T);

    /// <summary>A new event of this kind, happening now. Ids that it refers to are set with <c>with</c>.</summary>
    public BelljarEvent At(TimeProvider clock, T payload, Severity severity = Severity.Info)
    {
        var now = clock.GetUtcNow();
        return new BelljarEvent
        {
            Id = Guid.CreateVersion7(now),
            Time = now,
            Kind = Name,
            Severity = severity,
            Data = JsonSerializer.SerializeToElement(payload, json),
        };
    }

    /// <exception cref="JsonException">The data is not of this kind's shape.</exception>
    public T Read(BelljarEvent e) => e.Data.Deserialize(json)
        ?? throw new JsonException($"An event of kind '{Name}' has no data.");
}
