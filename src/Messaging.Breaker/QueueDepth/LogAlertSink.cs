using Messaging.Breaker.Diagnostics;
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
        var outage = cleared.Alert.Outage;
        _log.AlertCleared(
            cleared.Key, cleared.Lasted, AlertText.Cost(cleared.Alert, cleared.At), outage?.Began, outage?.Reopens, outage?.MessagesDelayed, outage?.CallsSpared);
        return Task.CompletedTask;
    }
}
