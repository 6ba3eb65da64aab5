using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Web;

/// <summary>
/// The process's loggers, without the framework's chatter: it logs every request's address, and the console's first one
/// holds the token. Its warnings and errors hold none, and stay.
/// </summary>
internal sealed class QuietLoggers(ILoggerFactory shared) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName)
    {
        if (!categoryName.StartsWith("Microsoft.", StringComparison.Ordinal))
        {
            return shared.CreateLogger(categoryName);
        }

        return categoryName.StartsWith("Microsoft.AspNetCore.Hosting", StringComparison.Ordinal)
            ? NullLogger.Instance
            : new WarningsOnly(shared.CreateLogger(categoryName));
    }

    public void AddProvider(ILoggerProvider provider) => shared.AddProvider(provider);

    public void Dispose()
    {
    }

    private sealed class WarningsOnly(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
