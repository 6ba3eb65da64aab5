using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Belljar.Contracts;

/// <summary>What travels on the bus: the publisher writes it whole, the broker never looks inside.</summary>
/// <param name="Id">UUIDv7; an event's own id where the message announces an event.</param>
/// <param name="Topic">The topic that it is published on.</param>
/// <param name="Time">UTC, by the publisher's clock.</param>
/// <param name="Source">The worker that published: <c>recorder</c>.</param>
/// <param name="Data">What it says; never a secret and never a planted value.</param>
public sealed record BusEnvelope(Guid Id, string Topic, DateTimeOffset Time, string Source, JsonElement Data)
{
    public static byte[] Write<T>(Guid id, string topic, DateTimeOffset time, string source, T data, JsonTypeInfo<T> json) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new BusEnvelope(id, topic, time, source, JsonSerializer.SerializeToElement(data, json)),
            ContractsJson.Default.BusEnvelope);

    /// <returns>Null when the bytes are no envelope.</returns>
    public static BusEnvelope? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, ContractsJson.Default.BusEnvelope);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
