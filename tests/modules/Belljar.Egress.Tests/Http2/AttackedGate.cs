using System.Collections.Concurrent;

namespace Belljar.Egress.Tests.Http2;

/// <summary>One gate that is attacked again and again, as a gate is.</summary>
public sealed class AttackedGate : IAsyncDisposable
{
    private readonly TestServer _server;

    public AttackedGate()
    {
        _server = TestServer.SecureOk(seen: Heads.Enqueue);
        Gate = TestGate.For(_server);
    }

    /// <summary>What has reached the host.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    internal TestGate Gate { get; }

    /// <summary>What another case has left is no matter of this one.</summary>
    public async Task ForgetAsync()
    {
        Heads.Clear();
        while (Gate.Events.Waiting > 0)
        {
            await Gate.Events.NextEventAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await _server.DisposeAsync();
    }
}
