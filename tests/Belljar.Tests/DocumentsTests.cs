using System.Diagnostics.CodeAnalysis;
using System.Text;
using Belljar.Contracts.Events;
using Belljar.Testing;

namespace Belljar.Tests;

/// <summary>Documents that the code writes. <c>BELLJAR_WRITE_DOCS=1 ./test Belljar.Tests</c> writes them anew.</summary>
public class DocumentsTests
{
    [Fact]
    public void Topics_AreThoseOfTheCode() => Agree("docs/topics.md", Topics());

    private static string Topics()
    {
        var text = new StringBuilder("""
            # Events and topics
            Written from `EventKinds` by a test; change the code, not this file. The kind is the topic without its id; `*` stands for
            one word of a topic, a last `>` for one or more. Every event reaches the bus after it is committed.

            | kind | topic | audited | what it says |
            |---|---|---|---|

            """);
        foreach (var kind in EventKinds.All)
        {
            text.Append($"| `{kind.Name}` | `{kind.TopicForm}` | {(kind.IsAudit ? "yes" : "")} | {kind.Summary} |\n");
        }

        return text.Append("""

            Besides, each worker publishes its heartbeat on `system.<worker>.health` every ten seconds and at every change.

            """).ToString();
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "Tests have no Hosting to ask.")]
    private static void Agree(string document, string written)
    {
        var path = Path.Combine(Repository.Root, document);
        if (Environment.GetEnvironmentVariable("BELLJAR_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, written);
        }

        Assert.Equal(written, File.ReadAllText(path));
    }
}
