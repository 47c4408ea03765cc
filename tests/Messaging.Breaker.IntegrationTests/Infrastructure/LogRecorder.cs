using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>Records all log lines of every category and level.</summary>
sealed class LogRecorder : ILoggerProvider
{
    readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyCollection<LogLine> Lines => _lines;

    /// <summary>How many lines contain this in their text or exception.</summary>
    public int Count(string part) => _lines.Count(line => $"{line}".Contains(part, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new Logger(_lines, categoryName);

    public void Dispose()
    {
        // There is nothing to dispose of.
    }

    sealed class Logger(ConcurrentQueue<LogLine> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new LogLine(category, logLevel, eventId.Id, formatter(state, exception), exception?.ToString()));
    }
}

sealed record LogLine(string Category, LogLevel Level, int EventId, string Text, string? Exception)
{
    public override string ToString() => $"{Level}: {Text} {Exception}";
}
