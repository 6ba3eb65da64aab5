using System.Globalization;

namespace Belljar.Decoys.World;

/// <summary>A database that holds a little of what such a host would hold.</summary>
public sealed record DecoyDatabase(string Name, IReadOnlyList<DecoyTable> Tables)
{
    private static readonly string[] Names = ["crm", "billing", "inventory", "orders", "timesheets", "helpdesk", "warehouse", "booking", "payroll", "assets"];

    private static readonly string[] Cities = ["Aarhus", "Brno", "Cork", "Dresden", "Espoo", "Ghent", "Leeds", "Lyon", "Malmo", "Porto", "Turin", "Utrecht"];

    /// <summary>One or two, the same over all services of this host.</summary>
    public static IReadOnlyList<DecoyDatabase> Of(DecoyIdentity identity)
    {
        var first = (int)identity.Between("databases.first", 0, Names.Length - 1);
        var count = (int)identity.Between("databases.count", 1, 2);
        return [.. Enumerable.Range(0, count).Select(i => Make(identity, Names[(first + (i * 3)) % Names.Length]))];
    }

    private static DecoyDatabase Make(DecoyIdentity identity, string name) => new(name, [Customers(identity, name), Invoices(identity, name), Users(identity, name)]);

    private static DecoyTable Users(DecoyIdentity identity, string database) => new(
        "users",
        ["id", "login", "name", "email"],
        [.. DecoyPerson.Of(identity).Select((person, i) =>
            (string[])[Text(i + 1), person.Login, $"{person.First} {person.Last}", $"{person.Login}@{Domain(identity)}"])])
    {
        Database = database,
    };

    private static DecoyTable Customers(DecoyIdentity identity, string database) => new(
        "customers",
        ["id", "company", "city", "since"],
        [.. Enumerable.Range(1, (int)identity.Between($"{database}.customers", 8, 20)).Select(i =>
            (string[])[Text(i), Company(identity, $"{database}.customer.{i}"), identity.Pick($"{database}.city.{i}", Cities), Day(identity, $"{database}.since.{i}", 2000)])])
    {
        Database = database,
    };

    private static DecoyTable Invoices(DecoyIdentity identity, string database) => new(
        "invoices",
        ["id", "customer_id", "issued", "amount"],
        [.. Enumerable.Range(1, (int)identity.Between($"{database}.invoices", 10, 40)).Select(i =>
            (string[])[
                Text(20000 + i), Text(identity.Between($"{database}.invoice.{i}", 1, 8)), Day(identity, $"{database}.issued.{i}", 400),
                $"{Text(identity.Between($"{database}.euros.{i}", 19, 8400))}.{identity.Between($"{database}.cents.{i}", 0, 99):00}"])])
    {
        Database = database,
    };

    private static string Company(DecoyIdentity identity, string question) => Http.SiteWords.Company(identity, question);

    private static string Domain(DecoyIdentity identity) =>
        identity.Hostname.IndexOf('.') is > 0 and var dot ? identity.Hostname[(dot + 1)..] : "intern.lan";

    /// <summary>Counted back from a day that does not move, or rows would change from one day to the next.</summary>
    private static string Day(DecoyIdentity identity, string question, int most) =>
        new DateOnly(2026, 3, 31).AddDays(-(int)identity.Between(question, 1, most)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <param name="Columns">The first is the key.</param>
public sealed record DecoyTable(string Name, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    public required string Database { get; init; }
}
