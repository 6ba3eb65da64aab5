using System.Text.Json;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Web.Html;

namespace Belljar.Web.Describe;

/// <summary>Says in one sentence what an event of one kind is about.</summary>
/// <param name="Name">The kind's name.</param>
/// <param name="Sentence">Reads the data; may throw <see cref="JsonException"/> for data of another shape.</param>
internal sealed record EventDescriber(string Name, Func<BelljarEvent, Markup> Sentence) : INamed
{
    public static EventDescriber Of<T>(EventKind<T> kind, Func<BelljarEvent, T, Markup> sentence) => new(kind.Name, e => sentence(e, kind.Read(e)));
}
