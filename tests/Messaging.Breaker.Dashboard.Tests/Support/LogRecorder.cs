using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Dashboard.Tests.Support;

/// <summary>What the dashboard logged.</summary>
sealed class LogRecorder : ILoggerProvider
{
    readonly ConcurrentQueue<(int Id, string Text)> _lines = new();

    public IEnumerable<string> Of(int eventId) => _lines.Where(line => line.Id == eventId).Select(line => line.Text);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName == "Messaging.Breaker.Dashboard");

    public void Dispose()
    {
    }

    sealed class Logger(LogRecorder recorder, bool isEnabled) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => isEnabled;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (isEnabled)
                recorder._lines.Enqueue((eventId.Id, formatter(state, exception)));
        }
    }
}
