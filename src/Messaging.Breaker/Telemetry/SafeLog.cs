using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Telemetry;

/// <summary>
/// The library's log. A provider that throws or hangs, as one whose disk is full or away, must not decide what becomes of a message or of the
/// fleet: what it throws ends here, since there is nobody left to tell.
/// </summary>
sealed class SafeLog(ILogger log, ListenerThread thread) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => Safely.Get(() => log.IsEnabled(logLevel));

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        thread.Tell(() => log.Log(logLevel, eventId, state, exception, formatter));
}
