using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.QueueDepth;

sealed class LogAlertSink(ILoggerFactory loggers) : IAlertSink
{
    readonly ILogger _log = loggers.CreateLog();

    public Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken)
    {
        _log.AlertRaised(
            raised.Alert.Severity == AlertSeverity.Critical ? LogLevel.Error : LogLevel.Warning, raised.Key, raised.Alert.Severity, raised.Alert.Message);
        return Task.CompletedTask;
    }

    public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken)
    {
        _log.AlertCleared(cleared.Key, cleared.At - cleared.Alert.Since);
        return Task.CompletedTask;
    }
}
