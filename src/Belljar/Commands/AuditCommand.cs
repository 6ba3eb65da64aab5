using System.CommandLine;
using System.Text.Json.Serialization;
using Belljar.Hosting;
using Belljar.Store.Audit;
using Belljar.Terminals;

namespace Belljar.Commands;

internal static class AuditCommand
{
    public static Command Create() => CommandTree.Create("audit", "Check the record of decisions and operators' actions.", "belljar audit verify", Verify());

    private static Command Verify()
    {
        var head = new Option<string?>("--head") { Description = "a head that was written down (in the log, in the journal): COUNT:HASH" };
        var json = CommandTree.Json();
        var command = CommandTree.Create(
            "verify",
            "Walk the hash chain and name the first broken link. Without --head a cut-off end cannot be noticed.",
            "belljar audit verify --head 1042:6b1f…",
            head,
            json);
        command.SetAction((parsed, ct) =>
        {
            AuditHead? known = null;
            if (parsed.GetValue(head) is { } text)
            {
                known = AuditHead.TryParse(text, out var given)
                    ? given
                    : throw new OperatorException($"'{text}' is not a head. It is written COUNT:HASH, as in the log.", OperatorException.WrongUsage);
            }

            using var reader = EventsCommand.Open(CommandTree.Paths());
            var verdict = AuditChain.Verify(reader, known, ct);
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of(
                    new AuditAnswer(verdict.IsIntact, verdict.Break.ToString(), verdict.Links, verdict.Position, verdict.Seq, verdict.Meaning, verdict.Head.ToString()),
                    AuditJson.Default.AuditAnswer));
            }
            else
            {
                Terminal.Out.WriteLine(verdict.IsIntact ? $"{Terminal.Green("intact")}: {verdict.Links} links, head {verdict.Head}" : $"{Terminal.Red("broken")}: {verdict.Meaning}");
            }

            return Task.FromResult(verdict.IsIntact ? 0 : OperatorException.Failed);
        });
        return command;
    }
}

internal sealed record AuditAnswer(bool Intact, string Break, long Links, long Position, long Seq, string Meaning, string Head);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuditAnswer))]
internal sealed partial class AuditJson : JsonSerializerContext;
