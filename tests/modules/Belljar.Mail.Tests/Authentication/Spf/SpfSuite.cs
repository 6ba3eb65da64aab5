using Belljar.Testing;
using YamlDotNet.RepresentationModel;

namespace Belljar.Mail.Tests.Authentication.Spf;

/// <param name="Expected">Results of which any is right.</param>
/// <param name="Explanation">Null where the suite does not say; <c>DEFAULT</c> for none of the domain's own.</param>
internal sealed record SpfCase(string Name, string Helo, string Host, string MailFrom, IReadOnlyList<string> Expected, string? Explanation);

internal sealed record SpfScenario(string Description, IReadOnlyList<SpfCase> Cases, ZoneResolver Zone);

/// <summary>The test suite of openspf.org for RFC 7208: a YAML document a scenario.</summary>
internal static class SpfSuite
{
    public static IReadOnlyList<SpfScenario> Load()
    {
        var yaml = new YamlStream();
        using var text = new StreamReader(Path.Combine(Corpora.Folder("spf"), "rfc7208-tests.yml"));
        yaml.Load(text);
        return [.. yaml.Documents.Select(document => Scenario((YamlMappingNode)document.RootNode))];
    }

    private static SpfScenario Scenario(YamlMappingNode root)
    {
        var cases = ((YamlMappingNode)root["tests"]).Children.Select(test => Case(Text(test.Key), (YamlMappingNode)test.Value));
        var zone = new ZoneResolver();
        foreach (var (name, records) in ((YamlMappingNode)root["zonedata"]).Children)
        {
            AddRecords(zone, Text(name), (YamlSequenceNode)records);
        }

        return new SpfScenario(Text(root["description"]), [.. cases], zone);
    }

    private static SpfCase Case(string name, YamlMappingNode test) => new(
        name, Text(test["helo"]), Text(test["host"]), Text(test["mailfrom"]), Texts(test["result"]),
        test.Children.TryGetValue("explanation", out var explanation) ? Text(explanation) : null);

    /// <summary>Where a name has no TXT at all its SPF records are TXT too: the suite says so, for it was written for both types.</summary>
    private static void AddRecords(ZoneResolver zone, string name, YamlSequenceNode records)
    {
        zone.AddName(name);
        var hasText = records.OfType<YamlMappingNode>().Any(record => Text(record.Children[0].Key) == "TXT");
        foreach (var record in records)
        {
            if (record is not YamlMappingNode mapping)
            {
                Assert.Equal("TIMEOUT", Text(record));
                zone.AddFailure(name);
                continue;
            }

            var (type, value) = (Text(mapping.Children[0].Key), Texts(mapping.Children[0].Value));
            if (value is ["NONE"])
            {
                continue;
            }

            zone.Add(name, type, [.. value]);
            if (type == "SPF" && !hasText)
            {
                zone.Add(name, "TXT", [.. value]);
            }
        }
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    private static List<string> Texts(YamlNode node) => node is YamlSequenceNode list ? [.. list.Select(Text)] : [Text(node)];
}
