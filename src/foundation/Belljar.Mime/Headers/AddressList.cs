using System.Collections;

namespace Belljar.Mime.Headers;

/// <summary>The mailboxes of an address field, in order, those inside groups included.</summary>
/// <param name="Mailboxes">All mailboxes.</param>
/// <param name="GroupNames">All groups, the empty ones too ("Undisclosed recipients").</param>
/// <param name="HasDefects">Something in the field was not an address list and was skipped or guessed.</param>
public sealed record AddressList(IReadOnlyList<MailAddress> Mailboxes, IReadOnlyList<string> GroupNames, bool HasDefects = false)
    : IReadOnlyList<MailAddress>
{
    public static AddressList Empty { get; } = new([], []);

    public int Count => Mailboxes.Count;

    public MailAddress this[int index] => Mailboxes[index];

    /// <summary>Reads a field's value, or what a person typed. Never throws.</summary>
    public static AddressList Parse(string text) => AddressParser.Parse(System.Text.Encoding.UTF8.GetBytes(text), null, 0);

    public IEnumerator<MailAddress> GetEnumerator() => Mailboxes.GetEnumerator();

    public override string ToString() => string.Join(", ", Mailboxes);

    internal AddressList With(AddressList more) =>
        new([.. Mailboxes, .. more.Mailboxes], [.. GroupNames, .. more.GroupNames], HasDefects || more.HasDefects);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
