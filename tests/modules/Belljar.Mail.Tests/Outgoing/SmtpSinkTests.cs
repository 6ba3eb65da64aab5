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
        await _rig.EmptyInTimeAsync();
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

    /// <summary>It takes the connection and answers DATA in a quarter of an hour: longer than anybody waits.</summary>
    [Fact]
    public async Task Sink_ThatFallsSilent_IsLeft_AndTheMessageDeliveredWhenAnotherTakes()
    {
        await using (await StartSinkAsync("-w 900"))
        {
            await _rig.AcceptAsync();
            await _rig.AdvanceUntilAsync(TimeSpan.FromMinutes(1), () => _rig.Mail.Queue.List() is [{ Attempts: > 0 }]);
        }

        await using var better = await SmtpSink.StartAsync();
        _rig.Network.Port = better.Port;
        await _rig.EmptyInTimeAsync();
        Assert.Equal("delivered", _rig.SentCopy().Frontmatter.GetString("delivery_status"));
        Assert.Empty(_rig.Reader.List("agent"));
    }

    /// <summary>
    /// Amid the message it says 550 and hangs up. Whether its words are read before the connection breaks is a race that the
    /// network decides; either way the message is delivered in the end or reported, and never both or neither.
    /// </summary>
    [Fact]
    public async Task Sink_ThatHangsUpAmidTheMessage_LosesNothing()
    {
        await using (await StartSinkAsync("-A 0"))
        {
            await _rig.AcceptAsync($"{OutgoingRig.Letter}{string.Concat(Enumerable.Repeat(new string('x', 900) + "\n", 1000))}");
            await OutgoingRig.UntilAsync(() => _rig.Mail.Queue.List() is [] or [{ Attempts: > 0 }]);
        }

        await using var better = await SmtpSink.StartAsync();
        _rig.Network.Port = better.Port;
        await _rig.EmptyInTimeAsync();
        var reports = _rig.Reader.List("agent").Count;
        Assert.Equal(reports == 0 ? "delivered" : "failed", _rig.SentCopy().Frontmatter.GetString("delivery_status"));
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
