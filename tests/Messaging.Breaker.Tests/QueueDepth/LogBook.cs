using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Tests.QueueDepth;

/// <summary>Remembers what was logged.</summary>
sealed class LogBook : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(EventId Id, string Text)> Entries { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((eventId, formatter(state, exception)));

    public void Dispose()
    {
        // It holds nothing.
    }
}
