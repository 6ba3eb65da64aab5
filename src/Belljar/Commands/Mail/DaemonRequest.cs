using Belljar.Hosting;
using Belljar.Mail.LocalSocket;
using Belljar.Protocols.Aimx;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

/// <summary>Asks the daemon of this home, which knows who asks; no configuration is read.</summary>
internal static class DaemonRequest
{
    /// <exception cref="OperatorException">It does not answer, or refuses: the code and its reason.</exception>
    public static Task<AimxAnswer> AskAsync(AimxVerb verb, IReadOnlyList<(AimxField Field, string Value)> fields, ReadOnlyMemory<byte> body, CancellationToken ct) =>
        AskAsync(daemon => daemon.AskAsync(verb, fields, body, ct));

    /// <inheritdoc cref="AskAsync(AimxVerb, IReadOnlyList{ValueTuple{AimxField, string}}, ReadOnlyMemory{byte}, CancellationToken)"/>
    public static async Task<AimxAnswer> AskAsync(Func<MailSocketClient, Task<AimxAnswer>> ask)
    {
        var answer = await ask(new MailSocketClient(CommandTree.Paths().MailSocket));
        return answer.Error is { } error ? throw new OperatorException($"{error.Code.Word()}: {Terminal.Safe(error.Reason)}") : answer;
    }
}
