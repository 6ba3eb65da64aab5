using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Belljar.Hosting.Logging;

/// <summary>
/// One line per entry: time (UTC), level, category, message. Control characters of peers are made visible, so that
/// nobody writes a line of his own.
/// </summary>
public sealed class LineLoggerProvider(ILineSink sink, TimeProvider clock, LogLevel least) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(this, Short(categoryName));

    public void Dispose() => sink.Dispose();

    private static string Short(string category) => category[(category.LastIndexOf('.') + 1)..];

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= provider.Least && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var line = new StringBuilder(160)
                .Append(provider.Now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
                .Append(' ').Append(Word(logLevel)).Append(' ').Append(category).Append(": ");
            AppendVisibly(line, formatter(state, exception));
            if (exception is not null)
            {
                AppendVisibly(line.Append(" | "), exception.ToString());
            }

            provider.Write(line.Append('\n').ToString());
        }
    }

    private LogLevel Least { get; } = least;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private void Write(string line) => sink.Write(line);

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        _ => "error",
    };

    private static void AppendVisibly(StringBuilder line, string text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '\n':
                    line.Append("\\n");
                    break;
                case '\r':
                    line.Append("\\r");
                    break;
                case '\t':
                    line.Append(' ');
                    break;
                case < ' ' or '\u007f' or (>= '\u0080' and < '\u00a0') or '\u2028' or '\u2029':
                    line.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    line.Append(c);
                    break;
            }
        }
    }
}

/// <summary>Where log lines go.</summary>
public interface ILineSink : IDisposable
{
    void Write(string line);
}
