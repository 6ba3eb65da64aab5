using Belljar.Mail.Outgoing;

namespace Belljar.Mail.Tests.Outgoing;

/// <summary>A server that is not ours refuses in all the ways it can.</summary>
public sealed class SmtpSinkTests : IAsyncDisposable
{
    private readonly OutgoingRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("-w 1")]
    [InlineData("-p")]
    [InlineData("-e")]
    [InlineData("-8")]
    public async Task Sink_Takes(string options)
    {
        var outcome = await SendAsync(options);
        Assert.True(outcome.IsDelivered, outcome.Reason);
    }

    [Theory]
    [InlineData("-r connect")]
    [InlineData("-r ehlo,helo")]
    [InlineData("-r mail")]
    [InlineData("-r rcpt")]
    [InlineData("-r data")]
    [InlineData("-r .")]
    [InlineData("-f connect")]
    [InlineData("-f ehlo,helo")]
    [InlineData("-q connect")]
    [InlineData("-q ehlo")]
    [InlineData("-q mail")]
    [InlineData("-q rcpt")]
    [InlineData("-q data")]
    [InlineData("-q .")]
    public async Task Sink_WithSoftErrorsOrHangingUp_IsTriedAgain_AndDeliveredWhenItTakes(string options)
    {
        await using (var sink = await StartSinkAsync(options))
        {
            await _rig.AcceptAsync();
            await _rig.TriedAsync(1);
        }

        await using var better = await SmtpSink.StartAsync();
        _rig.Network.Port = better.Port;
        await _rig.AdvanceUntilAsync(TimeSpan.FromMinutes(1), () => _rig.Mail.Queue.All() is []);
        Assert.Equal("delivered", _rig.SentCopy().Frontmatter.GetString("delivery_status"));
        Assert.Empty(_rig.Reader.List("agent"));
    }

    [Theory]
    [InlineData("-f mail")]
    [InlineData("-f rcpt")]
    [InlineData("-f data")]
    [InlineData("-f .")]
    public async Task Sink_WithHardErrors_IsReported(string options)
    {
        await using var sink = await StartSinkAsync(options);
        await _rig.AcceptAsync();
        await OutgoingRig.UntilAsync(() => _rig.Reader.List("agent").Count == 1);
        await _rig.EmptyAsync();
        Assert.Equal("failed", _rig.SentCopy().Frontmatter.GetString("delivery_status"));
    }

    private async Task<DeliveryOutcome> SendAsync(string options)
    {
        await using var sink = await StartSinkAsync(options);
        return (await _rig.AcceptAsync(options: OutgoingRig.Anybody with { Wait = true })).Outcome!;
    }

    private async Task<SmtpSink> StartSinkAsync(string options)
    {
        Assert.SkipUnless(SmtpSink.IsInstalled, "smtp-sink (postfix) is not installed");
        var sink = await SmtpSink.StartAsync(options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await _rig.StartAsync();
        _rig.Network.Port = sink.Port;
        return sink;
    }
}
