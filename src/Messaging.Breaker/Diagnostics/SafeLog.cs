using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Diagnostics;

/// <summary>
/// The library's log. A provider that throws or hangs, for example because its disk is full or gone, must not affect a message or the fleet.
/// Its exceptions end here, because there is nowhere left to report them.
/// </summary>
sealed class SafeLog(ILogger log, ListenerThread thread) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => Safely.Get(() => log.IsEnabled(logLevel));

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        thread.Tell(() => log.Log(logLevel, eventId, state, exception, formatter));
}
