using System.Net;
using System.Text;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Tests.Authentication;

/// <summary>Answers from zone data in memory. Counts its queries.</summary>
internal sealed class ZoneResolver : IDnsResolver
{
    private const int MostAliases = 8;

    private readonly Dictionary<DnsName, List<DnsRecord>> _records = [];
    private readonly HashSet<DnsName> _failing = [];

    public int Queries { get; private set; }

    /// <param name="type">As in zone files; <c>SPF</c> is type 99.</param>
    /// <param name="text">An address, a name, <c>preference name</c>, or characters up to U+00FF that are octets of TXT.</param>
    public ZoneResolver Add(string name, string type, params string[] text)
    {
        if (!DnsName.TryParse(name, out var owner))
        {
            return this;
        }

        var records = _records.TryGetValue(owner, out var known) ? known : _records[owner] = [];
        var number = type switch { "SPF" => (DnsType)99, _ => Enum.Parse<DnsType>(type, ignoreCase: true) };
        DnsData data = number switch
        {
            DnsType.A or DnsType.Aaaa => new AddressData(IPAddress.Parse(text[0])),
            DnsType.MX => new MxData(ushort.Parse(text[0]), Target(text[1])),
            DnsType.CName or DnsType.Ptr => new NameData(Target(text[0])),
            _ => new TxtData([.. text.Select(Encoding.Latin1.GetBytes)]),
        };
        records.Add(new DnsRecord(owner, number, 300, data));
        return this;
    }

    /// <summary>The name exists; a type of which it has no record is not answered.</summary>
    public ZoneResolver AddFailure(string name)
    {
        if (DnsName.TryParse(name, out var owner))
        {
            _failing.Add(owner);
        }

        return this;
    }

    public ZoneResolver AddName(string name)
    {
        if (DnsName.TryParse(name, out var owner))
        {
            _records.TryAdd(owner, []);
        }

        return this;
    }

    public ValueTask<DnsAnswer> QueryAsync(DnsName name, DnsType type, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Queries++;
        return ValueTask.FromResult(Answer(name, type));
    }

    private static DnsName Target(string name) => name is "" ? DnsName.Root : DnsName.Parse(name);

    private DnsAnswer Answer(DnsName name, DnsType type)
    {
        for (var links = 0; links < MostAliases; links++)
        {
            var records = _records.GetValueOrDefault(name);
            var found = records?.Where(record => record.Type == type).ToList() ?? [];
            if (found is not [])
            {
                return DnsAnswer.Of(found);
            }

            if (_failing.Contains(name))
            {
                return DnsAnswer.Failure("timeout");
            }

            if (records is null)
            {
                return DnsAnswer.NxDomain();
            }

            if (records.Find(record => record.Type == DnsType.CName)?.Data is not NameData alias)
            {
                return DnsAnswer.NoData();
            }

            name = alias.Target;
        }

        return DnsAnswer.Failure("a loop of aliases");
    }
}
