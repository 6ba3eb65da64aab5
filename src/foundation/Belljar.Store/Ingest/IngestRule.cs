using Belljar.Contracts;

namespace Belljar.Store.Ingest;

/// <summary>
/// What users within a range may hand in. Whoever no rule names may send every kind: the socket's mode decides who may
/// connect at all.
/// </summary>
/// <param name="FirstUid">The first user that it is for.</param>
/// <param name="LastUid">The last one, included.</param>
/// <param name="KindPattern">Kinds that they may send, as a topic pattern.</param>
/// <param name="Connections">Connections that one of these users may hold at a time.</param>
public sealed record IngestRule(int FirstUid, int LastUid, string KindPattern, int Connections)
{
    /// <summary>
    /// Gates parse what an agent sends, so a gate may have been taken over: it can report crossings, and nothing that
    /// somebody else decided.
    /// </summary>
    public static IngestRule Gates { get; } = new(62000, 63999, "gate.>", 4);

    public bool IsFor(int uid) => uid >= FirstUid && uid <= LastUid;

    public bool Allows(string kind) => Topic.Matches(KindPattern, kind);

    /// <summary>The rule for a user: the first that names it, null when none does.</summary>
    public static IngestRule? For(int uid, IEnumerable<IngestRule> rules) => rules.FirstOrDefault(rule => rule.IsFor(uid));
}
