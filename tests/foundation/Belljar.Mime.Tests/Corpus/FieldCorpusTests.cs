using System.Text;
using System.Text.Json;
using Belljar.Mime.Headers;
using Belljar.Testing;

namespace Belljar.Mime.Tests.Corpus;

/// <summary>Header fields with expected values. What we read otherwise on purpose stands in <see cref="DeliberateDifferences"/>.</summary>
public class FieldCorpusTests(ITestOutputHelper output)
{
    [Fact]
    public void Addresses_AgreeWithTheCorpus() =>
        Compare("address", field => ExpectedField.Addresses(field.Addresses), ExpectedField.ExpectedAddresses);

    [Fact]
    public void Dates_AgreeWithTheCorpus() =>
        Compare("date", field => ExpectedField.Date(field.Date), ExpectedField.ExpectedDate);

    [Fact]
    public void ContentTypes_AgreeWithTheCorpus() =>
        Compare("content_type", ExpectedField.Parameterized, ExpectedField.ExpectedParameterized);

    [Fact]
    public void MessageIds_AgreeWithTheCorpus() =>
        Compare(
            "id",
            field => string.Join('\n', field.MessageIds),
            expected => expected.ValueKind == JsonValueKind.Null ? "" : string.Join('\n', expected.EnumerateArray().Select(id => id.GetString())));

    [Fact]
    public void UnstructuredText_AgreesWithTheCorpus() =>
        Compare("unstructured", field => field.Text, expected => expected.GetString());

    private void Compare(string name, Func<HeaderField, string?> actual, Func<JsonElement, string?> expected)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Corpora.Folder("mime"), name + ".json")));
        var (agreeing, deliberate) = (0, 0);
        var failures = new List<string>();
        foreach (var item in json.RootElement.EnumerateArray())
        {
            var header = item.GetProperty("header").GetString()!;
            var message = MimeMessage.Parse(Encoding.UTF8.GetBytes("X:" + header));
            var found = actual(message.Headers[0]);
            var wanted = expected(item.GetProperty("expected"));
            if (found == wanted)
            {
                agreeing++;
            }
            else if (DeliberateDifferences.Values.TryGetValue(header, out var other) && other.Value == found)
            {
                deliberate++;
            }
            else
            {
                failures.Add($"{ExpectedField.Quote(header)}: {ExpectedField.Equal(found, wanted)}");
            }
        }

        output.WriteLine($"{name}: {agreeing} agree, {deliberate} differ on purpose");
        failures.ForEach(output.WriteLine);
        Assert.Empty(failures);
        Assert.True(agreeing > deliberate);
    }
}
