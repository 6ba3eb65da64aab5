using Belljar.Hosting.Logging;
using Belljar.Testing;
using Microsoft.Extensions.Logging;

namespace Belljar.Hosting.Tests.Logging;

public sealed class LineLoggerTests : IDisposable
{
    private readonly Lines _lines = new();

    [Fact]
    public void Log_OfAPeersText_IsOneVisibleLine()
    {
        Logger().LogWarning("peer said {Text}", "hello\r\n2026-01-01T00:00:00.000Z error forged\u001b[2J\u2028");

        var line = Assert.Single(_lines.Written);
        Assert.Equal("2026-03-14T09:26:53.000Z warn  Thing: peer said hello\\r\\n2026-01-01T00:00:00.000Z error forged\\u001b[2J\\u2028\n", line);
    }

    [Fact]
    public void Log_BelowTheLeast_IsNotWritten()
    {
        Logger().LogDebug("quiet");

        Assert.Empty(_lines.Written);
    }

    [Fact]
    public void RotatingFile_WhenFull_KeepsAFewOldOnes()
    {
        using var folder = new TemporaryFolder();
        using (var file = new RotatingFile(folder["a.log"], mostBytes: 10, kept: 2))
        {
            foreach (var line in new[] { "first first\n", "second second\n", "third third\n", "fourth fourth\n" })
            {
                file.Write(line);
            }
        }

        Assert.Equal("fourth fourth\n", File.ReadAllText(folder["a.log"]));
        Assert.Equal("third third\n", File.ReadAllText(folder["a.log.1"]));
        Assert.Equal("second second\n", File.ReadAllText(folder["a.log.2"]));
        Assert.Equal(3, Directory.GetFiles(folder.Path).Length);
    }

    public void Dispose() => _lines.Dispose();

    private ILogger Logger() => new LineLoggerProvider(_lines, new ManualClock(), LogLevel.Information).CreateLogger("Some.Thing");

    private sealed class Lines : ILineSink
    {
        public List<string> Written { get; } = [];

        public void Write(string line) => Written.Add(line);

        public void Dispose()
        {
        }
    }
}
