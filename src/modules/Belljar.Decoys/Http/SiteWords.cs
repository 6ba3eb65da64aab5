namespace Belljar.Decoys.Http;

/// <summary>What a decoy's page says: drawn once from the decoy's identity.</summary>
internal sealed record SiteWords(string Organisation, string Heading, string Sentence, IReadOnlyList<string> Items, string Footer, string Class)
{
    private static readonly string[] First =
        ["Hartwell", "Nordlund", "Calder", "Ostrava", "Pinecrest", "Castellan", "Varga", "Redfern", "Larkspur", "Thornbury", "Okafor", "Silberstein", "Marlowe", "Teague", "Iversen", "Quintero"];

    private static readonly string[] Second =
        ["Metering", "Logistics", "Dental Supply", "Instruments", "Freight", "Water Services", "Optics", "Printing", "Hydraulics", "Property", "Components", "Cold Storage", "Textiles", "Surveying", "Analytics", "Fasteners"];

    private static readonly string[] Form = ["Ltd", "GmbH", "Inc.", "AB", "Group", "LLC", "& Sons", "B.V."];

    private static readonly (string Heading, string Sentence)[] Purposes =
    [
        ("Intranet", "Welcome to the staff pages of {0}. Please use the links that were mailed to your department."),
        ("File transfer", "This host of {0} exchanges files with suppliers. Uploads are accepted by SFTP only."),
        ("Service desk", "To open a ticket with {0} IT, send a mail or call extension {1}."),
        ("Reporting", "Nightly reports of {0} are generated between 02:00 and 04:30. Old reports are kept for {1} days."),
        ("Time sheets", "{0} employees: the time sheet application has moved. Ask your team lead for the new address."),
        ("Document archive", "Scanned documents of {0}. Access is limited to the accounting network."),
        ("Staging", "Staging environment of {0}. Contents are overwritten every night, do not enter customer data."),
        ("Maintenance", "The site of {0} is being worked on. We expect to be back within {1} hours."),
        ("Warehouse", "Handheld terminals of {0}: scan the badge at the gate before use. Zone {1} is closed."),
        ("Booking", "Rooms and vehicles of {0} are booked through the front office, extension {1}."),
    ];

    private static readonly string[] Remarks =
    [
        "Passwords expire every {1} days.", "Last backup finished without errors.", "Printers on floor {1} are offline until further notice.",
        "Please report phishing mails to the service desk.", "The VPN is needed from outside the office.", "Holiday lists are due on day {1} of the month.",
        "Ticket numbers begin with {1}.", "Do not bookmark this page.", "The old address will be switched off soon.",
        "Maintenance window: Sunday, {1}:00.", "Questions: ask for the administrator on duty.", "Version {1}.2",
    ];

    private static readonly string[] Footers =
    [
        "For internal use only.", "All rights reserved.", "Unauthorised access is logged.", "Maintained by the infrastructure team.",
        "This page is updated by hand.", "No support outside office hours.",
    ];

    private static readonly string[] Classes = ["box", "card", "wrap", "panel", "main", "c1", "inner", "sheet"];

    /// <summary>The name of a company that does not exist; the host's own one is that of <c>site</c>.</summary>
    public static string Company(DecoyIdentity identity, string question) =>
        $"{identity.Pick(question + ".first", First)} {identity.Pick(question + ".second", Second)} {identity.Pick(question + ".form", Form)}";

    public static SiteWords Of(DecoyIdentity identity)
    {
        var organisation = Company(identity, "site");
        var purpose = identity.Pick("site.purpose", Purposes);
        var shift = (int)identity.Between("site.remarks", 0, Remarks.Length - 1);
        var remarks = Enumerable.Range(0, (int)identity.Between("site.remark_count", 1, 4)).Select(i => Remarks[(shift + (i * 5)) % Remarks.Length]);
        string Fill(string text) => string.Format(text, organisation, identity.Between("site.number." + text, 3, 28));
        return new SiteWords(
            organisation.Replace("&", "&amp;", StringComparison.Ordinal),
            $"{purpose.Heading} - {identity.Hostname}",
            Fill(purpose.Sentence).Replace("&", "&amp;", StringComparison.Ordinal),
            [.. remarks.Select(Fill)],
            identity.Pick("site.footer", Footers),
            identity.Pick("site.class", Classes) + identity.Between("site.class_number", 1, 99));
    }
}
