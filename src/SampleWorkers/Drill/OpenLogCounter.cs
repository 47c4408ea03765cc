using System.Collections.Concurrent;
using Messaging.Breaker;
using Microsoft.Extensions.Logging;

namespace SampleWorkers.Drill;

/// <summary>Counts what is logged, by anybody, while the breaker is open, and keeps the last warnings for a drill that fails.</summary>
sealed class OpenLogCounter
{
    const int Kept = 5;

    readonly ConcurrentQueue<string> _warnings = new();
    IBreaker? _breaker;
    int _lines;

    public int LinesWhileOpen => Volatile.Read(ref _lines);

    public IReadOnlyCollection<string> LastWarnings => [.. _warnings];

    public void Watch(IBreaker breaker) => _breaker = breaker;

    public ILoggerProvider CreateProvider() => new Provider(this);

    sealed class Provider(OpenLogCounter counter) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Logger(counter);

        public void Dispose()
        {
        }
    }

    sealed class Logger(OpenLogCounter counter) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            if (counter._breaker?.State is BreakerState.Open)
                Interlocked.Increment(ref counter._lines);
            if (logLevel < LogLevel.Warning)
                return;
            counter._warnings.Enqueue(exception is null ? formatter(state, null) : $"{formatter(state, null)}: {exception.Message}");
            while (counter._warnings.Count > Kept)
                counter._warnings.TryDequeue(out _);
        }
    }
}
