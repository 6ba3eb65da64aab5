using System.Net;
using Belljar.Contracts.Events;

namespace Belljar.Decoys;

/// <summary>One connection to a decoy: who, where, and the place to which everything it does is reported.</summary>
public sealed class Visit
{
    private readonly DecoyRecorder _recorder;
    private readonly string _service;
    private readonly Task _connected;

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

    /// <summary>Completes when the request is durable, or when waiting longer would show.</summary>
    public async Task RecordRequestAsync(
        string method, string target, IReadOnlyList<HeaderField> headers, string? body, int status)
    {
        await _connected;
        var request = new DecoyRequest(_service, Remote.Address.ToString(), Remote.Port, method, target, headers, body, status);
        await RecordAsync(EventKinds.DecoyRequest.At(_recorder.Clock, request, Severity.Notice));
    }

    private Task RecordAsync(BelljarEvent e) => _recorder.RecordAsync(e with { Decoy = Decoy });
}
