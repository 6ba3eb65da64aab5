namespace Belljar.Protocols.Aimx;

/// <summary>What a request asks for: the second word of its first line.</summary>
public enum AimxVerb
{
    Send,
    MarkRead,
    MarkUnread,
    Label,
    Move,
    Delete,
    MailboxCreate,
    MailboxDelete,
    MailboxList,
    HookCreate,
    HookDelete,
    HookList,
    Version,
}

/// <summary>The fields that the protocol knows. Others are ignored, so that it can grow.</summary>
public enum AimxField
{
    ContentLength,
    HtmlBodyLength,
    TextOnly,
    Wait,
    IdempotencyKey,
    Mailbox,
    Id,
    Folder,
    Labels,
    To,
    Name,
    Owner,
    Force,
    Event,
}

/// <summary>How verbs and fields are written, and what each verb needs.</summary>
public static class AimxWords
{
    private static readonly (AimxVerb Verb, string Word, AimxField[] Required, bool TakesBody)[] Verbs =
    [
        (AimxVerb.Send, "SEND", [AimxField.ContentLength], true),
        (AimxVerb.MarkRead, "MARK-READ", [AimxField.Mailbox, AimxField.Id], false),
        (AimxVerb.MarkUnread, "MARK-UNREAD", [AimxField.Mailbox, AimxField.Id], false),
        (AimxVerb.Label, "LABEL", [AimxField.Mailbox, AimxField.Id, AimxField.Labels], false),
        (AimxVerb.Move, "MOVE", [AimxField.Mailbox, AimxField.Id, AimxField.To], false),
        (AimxVerb.Delete, "DELETE", [AimxField.Mailbox, AimxField.Id], false),
        (AimxVerb.MailboxCreate, "MAILBOX-CREATE", [AimxField.Name], false),
        (AimxVerb.MailboxDelete, "MAILBOX-DELETE", [AimxField.Name], false),
        (AimxVerb.MailboxList, "MAILBOX-LIST", [], false),
        (AimxVerb.HookCreate, "HOOK-CREATE", [AimxField.ContentLength, AimxField.Mailbox, AimxField.Event], true),
        (AimxVerb.HookDelete, "HOOK-DELETE", [AimxField.Mailbox, AimxField.Name], false),
        (AimxVerb.HookList, "HOOK-LIST", [], false),
        (AimxVerb.Version, "VERSION", [], false),
    ];

    private static readonly (AimxField Field, string Word)[] Fields =
    [
        (AimxField.ContentLength, "Content-Length"),
        (AimxField.HtmlBodyLength, "Html-Body-Length"),
        (AimxField.TextOnly, "Text-Only"),
        (AimxField.Wait, "Wait"),
        (AimxField.IdempotencyKey, "Idempotency-Key"),
        (AimxField.Mailbox, "Mailbox"),
        (AimxField.Id, "Id"),
        (AimxField.Folder, "Folder"),
        (AimxField.Labels, "Labels"),
        (AimxField.To, "To"),
        (AimxField.Name, "Name"),
        (AimxField.Owner, "Owner"),
        (AimxField.Force, "Force"),
        (AimxField.Event, "Event"),
    ];

    /// <summary>As it is written in a request.</summary>
    public static string Word(this AimxVerb verb) => Array.Find(Verbs, known => known.Verb == verb).Word;

    /// <summary>As it is written in a request.</summary>
    public static string Word(this AimxField field) => Array.Find(Fields, known => known.Field == field).Word;

    /// <summary>Verbs are compared to the letter, as the field's other protocols of this shape do.</summary>
    internal static AimxVerb? Verb(string word)
        => Array.Find(Verbs, known => known.Word == word) is { Word: not null } found ? found.Verb : null;

    internal static AimxField? Field(string name)
        => Array.Find(Fields, known => known.Word.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Word: not null } found ? found.Field : null;

    internal static IReadOnlyList<AimxField> Required(AimxVerb verb) => Array.Find(Verbs, known => known.Verb == verb).Required;

    internal static bool TakesBody(AimxVerb verb) => Array.Find(Verbs, known => known.Verb == verb).TakesBody;
}
