using System.Collections.Concurrent;
using Messaging.Breaker;
using Microsoft.Extensions.Logging;

namespace SampleWorkers.Drill;

/// <summary>When the workers logged anything, from any source, and the last warnings, which are shown if a drill fails.</summary>
sealed class FleetLog
{
    const int Kept = 5;

    readonly ConcurrentQueue<(string Worker, DateTimeOffset At)> _lines = new();
    readonly ConcurrentQueue<string> _warnings = new();

    public IReadOnlyCollection<string> LastWarnings => [.. _warnings];

    public void Add(string worker, DateTimeOffset at, LogLevel level, string text)
    {
        if (level is < LogLevel.Information or LogLevel.None)
            return;
        _lines.Enqueue((worker, at));
        if (level < LogLevel.Warning)
            return;
        _warnings.Enqueue($"{worker}: {text}");
        while (_warnings.Count > Kept)
            _warnings.TryDequeue(out _);
    }

    public int CountWhileOpen(FleetTimeline timeline) => _lines.Count(line => timeline.StateOf(line.Worker, line.At) is BreakerState.Open);

    /// <summary>For a worker in this process.</summary>
    public ILoggerProvider CreateProvider(string worker) => new Provider(this, worker);

    sealed class Provider(FleetLog log, string worker) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Logger(log, worker);

        public void Dispose()
        {
        }
    }

    sealed class Logger(FleetLog log, string worker) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Add(
                worker,
                DateTimeOffset.UtcNow,
                logLevel,
                exception is null ? formatter(state, null) : $"{formatter(state, null)}: {exception.Message}");
    }
}
