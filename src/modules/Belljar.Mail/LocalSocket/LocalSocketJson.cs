using System.Text.Json.Serialization;

namespace Belljar.Mail.LocalSocket;

/// <summary>The answer to VERSION.</summary>
internal sealed record VersionAnswer(string Version);

/// <summary>One element of the answer to MAILBOX-LIST: a mailbox that the caller may use.</summary>
/// <param name="Address">The first of its addresses.</param>
/// <param name="Trust"><c>none</c> or <c>verified</c>.</param>
internal sealed record MailboxAnswer(string Name, string Address, IReadOnlyList<string> Addresses, int Messages, int Unread, string Trust);

/// <summary>One element of the answer to HOOK-LIST. What it runs is the operator's affair.</summary>
internal sealed record HookAnswer(string Mailbox, string Name, string Event, bool FireOnUntrusted);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(MailboxAnswer[]))]
[JsonSerializable(typeof(HookAnswer[]))]
internal sealed partial class LocalSocketJson : JsonSerializerContext;
