using System.Net;
using Belljar.Contracts.Events;

namespace Belljar.Decoys;

/// <summary>One connection to a decoy: who, where, and the place to which everything it does is reported.</summary>
public sealed class Visit
{
    private const int LongestPrincipal = 256;
    private const int LongestSecret = 1024;
    private const int LongestCommand = 4096;

    private readonly DecoyRecorder _recorder;
    private readonly string _service;
    private readonly Task _connected;
    private (string Principal, DateTimeOffset Since, int Commands)? _session;

    /// <summary>Records the connection at once; nothing is answered before that is done.</summary>
    internal Visit(DecoyRecorder recorder, string decoy, string service, IPEndPoint remote, IPEndPoint local)
    {
        (_recorder, _service, Decoy, Remote, Local) = (recorder, service, decoy, remote, local);
        var connection = new DecoyConnection(service, remote.Address.ToString(), remote.Port, local.Address.ToString(), local.Port);
        _connected = RecordAsync(EventKinds.DecoyConnection.At(recorder.Clock, connection, Severity.Notice));
    }

    public string Decoy { get; }

    public IPEndPoint Remote { get; }

    public IPEndPoint Local { get; }

    /// <summary>The connection's own event is durable, or waiting longer would show.</summary>
    public Task ConnectionRecorded => _connected;

    private string Address => Remote.Address.ToString();

    /// <summary>Completes when the request is durable, or when waiting longer would show. So do all of these.</summary>
    public Task RecordRequestAsync(string method, string target, IReadOnlyList<HeaderField> headers, string? body, int status) =>
        AfterConnectionAsync(EventKinds.DecoyRequest, new(_service, Address, Remote.Port, method, target, headers, body, status));

    public Task RecordAuthAttemptAsync(string principal, string mechanism, string secretKind, string? secret, bool allowed) =>
        AfterConnectionAsync(EventKinds.DecoyAuthAttempt, new(
            _service, Address, Remote.Port, Cut(principal, LongestPrincipal), mechanism, secretKind, secret is null ? null : Cut(secret, LongestSecret), allowed));

    public Task RecordCommandAsync(string command, string? outcome)
    {
        if (_session is { } session)
        {
            _session = session with { Commands = session.Commands + 1 };
        }

        return AfterConnectionAsync(EventKinds.DecoyCommand, new(_service, Address, Remote.Port, Cut(command, LongestCommand), outcome));
    }

    public Task RecordFileUpAsync(string path, long sizeBytes, string sha256) =>
        AfterConnectionAsync(EventKinds.DecoyFileUp, new(_service, Address, Remote.Port, Cut(path, LongestCommand), sizeBytes, sha256));

    public Task RecordFileDownAsync(string path, long sizeBytes) =>
        AfterConnectionAsync(EventKinds.DecoyFileDown, new(_service, Address, Remote.Port, Cut(path, LongestCommand), sizeBytes));

    /// <summary>He is in; whoever was in before on this connection is out.</summary>
    public async Task RecordSessionStartAsync(string principal)
    {
        await RecordSessionEndAsync();
        _session = (Cut(principal, LongestPrincipal), _recorder.Clock.GetUtcNow(), 0);
        await AfterConnectionAsync(EventKinds.DecoySessionStart, new(_service, Address, Remote.Port, Cut(principal, LongestPrincipal)));
    }

    /// <summary>Does nothing for a visitor who was not in.</summary>
    public async Task RecordSessionEndAsync()
    {
        if (_session is not { } session)
        {
            return;
        }

        _session = null;
        var duration = _recorder.Clock.GetUtcNow() - session.Since;
        await AfterConnectionAsync(EventKinds.DecoySessionEnd, new(
            _service, Address, Remote.Port, session.Principal, Math.Round(duration.TotalSeconds, 3), session.Commands));
    }

    private async Task AfterConnectionAsync<T>(EventKind<T> kind, T payload)
    {
        await _connected;
        await RecordAsync(kind.At(_recorder.Clock, payload, Severity.Notice));
    }

    private Task RecordAsync(BelljarEvent e) => _recorder.RecordAsync(e with { Decoy = Decoy });

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..longest];
}
