using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace SampleWorkers.Demo;

/// <summary>
/// What happened, in order: the script, the transitions, and logged warnings. The view prints them where they do not disturb it. The library's
/// own log lines are left out, because they say the same as the transitions.
/// </summary>
sealed class DemoJournal : ILoggerProvider
{
    readonly ConcurrentQueue<string> _news = new();
    readonly Stopwatch _clock = Stopwatch.StartNew();

    public TimeSpan Elapsed => _clock.Elapsed;

    public void Add(string line) => _news.Enqueue($"{Elapsed.TotalSeconds,6:0.0} s  {line.ReplaceLineEndings(" ")}");

    /// <summary>What has been added since the last call.</summary>
    public IEnumerable<string> TakeNews()
    {
        while (_news.TryDequeue(out var line))
            yield return line;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, !categoryName.StartsWith("Messaging.Breaker", StringComparison.Ordinal));

    public void Dispose()
    {
    }

    sealed class Logger(DemoJournal journal, bool isEnabled) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => isEnabled && logLevel is >= LogLevel.Warning and not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                journal.Add($"{logLevel}: {formatter(state, exception)}");
        }
    }
}
