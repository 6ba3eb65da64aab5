using System.Collections.Concurrent;
using System.Net.Sockets;
using Belljar.Contracts.Events;
using Belljar.Store.Events;
using Belljar.Store.Ingest;
using Belljar.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Store.Tests.Ingest;

public sealed class IngestServerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly ConcurrentQueue<StoredEvent> _announced = new();
    private EventLog _log = null!;
    private IngestServer _server = null!;

    public ValueTask InitializeAsync()
    {
        _log = Sample.Log(_folder, _clock);
        _server = Server();
        _server.Start();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Batch_IsStoredWhenItIsAcknowledged()
    {
        using var producer = new Producer(_folder["i.sock"]);

        producer.Send(Producer.Batch("7", Producer.Lines(Sample.Mail(_clock) with { Host = null }, Sample.Decision(_clock))));

        Assert.Equal("ACK 7", await producer.AnswerAsync());
        var stored = _log.Reader.List(new EventQuery { NewestFirst = false }, Ct);
        Assert.Equal(["mail.received", "gate.egress.decision"], stored.Select(e => e.Event.Kind));
        Assert.Equal(["here", "box"], stored.Select(e => e.Event.Host));
        Assert.All(stored, e => Assert.Equal(new Sender(Uid, Environment.ProcessId), e.Sender));
    }

    [Fact]
    public async Task Batch_SentTwice_IsStoredAndAnnouncedOnce()
    {
        using var producer = new Producer(_folder["i.sock"]);
        var batch = Producer.Lines(Sample.Decision(_clock));

        producer.Send(Producer.Batch("1", batch));
        producer.Send(Producer.Batch("2", batch));

        Assert.Equal("ACK 1", await producer.AnswerAsync());
        Assert.Equal("ACK 2", await producer.AnswerAsync());
        Assert.Equal(1, _log.Reader.Count(new EventQuery(), Ct));
        await _server.DisposeAsync();
        Assert.Single(_announced);
    }

    [Fact]
    public async Task Batch_WithAPoisonousEvent_IsRefusedAndTheConnectionGoesOn()
    {
        using var producer = new Producer(_folder["i.sock"]);

        producer.Send(Producer.Batch("1", Producer.Lines(Sample.Decision(_clock)) + "{\"a\":\"\\\"\"}"));
        producer.Send(Producer.Batch("2", Producer.Lines(Sample.Decision(_clock))));

        Assert.Equal("NAK 1 {\"reason\":\"line 2: not an event in JSON\"}", await producer.AnswerAsync());
        Assert.Equal("ACK 2", await producer.AnswerAsync());
        Assert.Equal(1, _log.Reader.Count(new EventQuery(), Ct));
    }

    [Theory]
    [InlineData("BATCH\n\0\0\0\0")]
    [InlineData("BATCH x\n\0\0\0\0")]
    [InlineData("BATCH -1\n\0\0\0\0")]
    [InlineData("BATCH 99999999999999999999999\n\0\0\0\0")]
    [InlineData("PUB a.b\n\0\0\0\0")]
    [InlineData("BATCH 1\n\u0000\u0010\u0000\u0001")]
    [InlineData("\n")]
    public async Task Frame_OutsideTheProtocol_DropsTheConnection(string bytes)
    {
        using var hostile = new Producer(_folder["i.sock"]);
        using var other = new Producer(_folder["i.sock"]);

        hostile.Send(System.Text.Encoding.Latin1.GetBytes(bytes));
        Assert.Null(await hostile.AnswerAsync());

        other.Send(Producer.Batch("1", Producer.Lines(Sample.Mail(_clock))));
        Assert.Equal("ACK 1", await other.AnswerAsync());
    }

    [Fact]
    public async Task Batch_ByteByByte_IsTheSame()
    {
        using var producer = new Producer(_folder["i.sock"]);

        foreach (var b in Producer.Batch("1", Producer.Lines(Sample.Mail(_clock))))
        {
            producer.Send([b]);
        }

        Assert.Equal("ACK 1", await producer.AnswerAsync());
    }

    [Fact]
    public async Task Batch_HalfSentThenGone_StoresNothing()
    {
        using (var producer = new Producer(_folder["i.sock"]))
        {
            producer.Send(Producer.Batch("1", Producer.Lines(Sample.Mail(_clock))).AsSpan()[..^1]);
        }

        await _server.DisposeAsync();
        Assert.Equal(0, _log.Reader.Count(new EventQuery(), Ct));
    }

    [Fact]
    public async Task Producer_ThatReadsNoAnswers_DoesNotStopOthers()
    {
        using var deaf = new Producer(_folder["i.sock"]);
        var refused = Producer.Batch("18446744073709551615", "x\n");
        var flood = Task.Run(() =>
        {
            try
            {
                while (true)
                {
                    deaf.Send(refused);
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Closed at the end of the test: until then it hung in a full socket.
            }
        });

        using var other = new Producer(_folder["i.sock"]);
        for (var i = 1; i <= 50; i++)
        {
            other.Send(Producer.Batch($"{i}", Producer.Lines(Sample.Mail(_clock))));
            Assert.Equal($"ACK {i}", await other.AnswerAsync());
        }

        deaf.Dispose();
        await flood;
    }

    [Fact]
    public async Task ManyConnections_AtOnce_LoseNothing()
    {
        const int connections = 20, batches = 10, events = 7;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            using var producer = new Producer(_folder["i.sock"]);
            for (var i = 1; i <= batches; i++)
            {
                producer.Send(Producer.Batch($"{i}", Producer.Lines(Enumerable.Range(0, events).Select(_ => Sample.Decision(_clock)))));
            }

            for (var i = 1; i <= batches; i++)
            {
                Assert.Equal($"ACK {i}", await producer.AnswerAsync());
            }
        }));

        Assert.Equal(connections * batches * events, _log.Reader.Count(new EventQuery(), Ct));
        Assert.True(Store.Audit.AuditChain.Verify(_log.Reader, _log.Head, Ct).IsIntact);
    }

    [Fact]
    public async Task Announcement_InOrderAndAfterCommit()
    {
        using var producer = new Producer(_folder["i.sock"]);
        producer.Send(Producer.Batch("1", Producer.Lines(Sample.Mail(_clock), Sample.Connection(_clock))));
        await producer.AnswerAsync();

        await _server.DisposeAsync();

        Assert.Equal([1L, 2L], _announced.Select(stored => stored.Seq));
        Assert.Equal("decoy.web-1.connection", EventKinds.All[_announced.Last().Event.Kind].TopicOf(_announced.Last().Event));
    }

    [Fact]
    public async Task LogThatCannotBeWritten_ClosesWithoutAnAnswerAndSaysSo()
    {
        using var producer = new Producer(_folder["i.sock"]);
        _log.Durably(writer =>
        {
            using var command = writer.CreateCommand();
            command.CommandText = "PRAGMA max_page_count = 1";
            return command.ExecuteNonQuery();
        });

        producer.Send(Producer.Batch("1", Producer.Lines(Enumerable.Range(0, 200).Select(_ => Sample.Mail(_clock)))));

        Assert.Null(await producer.AnswerAsync());
        Assert.Contains("full", _server.Failure);
        Assert.Equal(0, _log.Reader.Count(new EventQuery(), Ct));
    }

    [Fact]
    public void Socket_HasItsModeAndASecondServerIsRefused()
    {
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            File.GetUnixFileMode(_folder["i.sock"]));
        Assert.Contains("served by another process", Assert.Throws<StoreException>(() => Server().Start()).Message);
    }

    [Fact]
    public async Task Socket_LeftBehind_IsReplaced()
    {
        await _server.DisposeAsync();
        using var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        left.Bind(new UnixDomainSocketEndPoint(_folder["i.sock"]));
        File.Move(_folder["i.sock"], _folder["kept.sock"]);
        left.Dispose();
        File.Move(_folder["kept.sock"], _folder["i.sock"]);
        Assert.True(File.Exists(_folder["i.sock"]));

        await using var next = Server();
        next.Start();
        using var producer = new Producer(_folder["i.sock"]);
        producer.Send(Producer.Batch("1", Producer.Lines(Sample.Mail(_clock))));
        Assert.Equal("ACK 1", await producer.AnswerAsync());
    }

    [Fact]
    public async Task SenderHeldToARule_ItsBoundsApply()
    {
        await _server.DisposeAsync();
        await using var strict = Server(new IngestRule(Uid, Uid, "gate.>", Connections: 1));
        strict.Start();
        using var gate = new Producer(_folder["i.sock"]);

        gate.Send(Producer.Batch("1", Producer.Lines(Sample.Decision(_clock))));
        Assert.Equal("ACK 1", await gate.AnswerAsync());
        gate.Send(Producer.Batch("2", Producer.Lines(EventKinds.OperatorAction.At(_clock, new OperatorAction("grant", "x", 0, "done")))));
        Assert.Contains("may only send 'gate.>'", await gate.AnswerAsync());
        using var second = new Producer(_folder["i.sock"]);
        Assert.Null(await second.AnswerAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _log.Dispose();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static int Uid => Posix.EffectiveUid;

    private IngestServer Server(params IngestRule[] rules) => new(
        _log,
        new IngestOptions { SocketPath = _folder["i.sock"], Host = "here", Rules = rules },
        stored =>
        {
            foreach (var e in stored)
            {
                _announced.Enqueue(e);
            }
        },
        NullLogger<IngestServer>.Instance);
}
