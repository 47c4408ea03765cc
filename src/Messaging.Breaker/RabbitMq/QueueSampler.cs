using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.QueueDepth;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// Reads queues by passive declare, which returns the current number of messages, on its own connection: a declare that fails closes its
/// channel, and the bus must not be affected. The other figures come from the management API if that is configured.
/// </summary>
sealed class QueueSampler(BrokerAccess broker, ManagementApi? management, TimeProvider time, ILogger log) : IQueueSource
{
    static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(10);
    static readonly TimeSpan ShortestAbsence = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan LongestAbsence = TimeSpan.FromMinutes(1);

    readonly Dictionary<string, (DateTimeOffset Until, TimeSpan Length)> _absent = [];
    IConnection? _connection;
    IChannel? _channel;

    public string Description => broker.Description;

    public async Task<IReadOnlyList<QueueReading>> ReadAsync(
        IReadOnlyCollection<string> queues, IReadOnlyCollection<string> others, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LongestRead, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var readings = new List<QueueReading>(queues.Count);
        try
        {
            foreach (var queue in queues)
                if (await ReadAsync(queue, isExpected: true, either.Token).ConfigureAwait(false) is { } reading)
                    readings.Add(reading);
            foreach (var queue in others)
                if (await ReadAsync(queue, isExpected: false, either.Token).ConfigureAwait(false) is { } reading)
                    readings.Add(reading);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await DisposeAsync().ConfigureAwait(false);
            throw new TimeoutException($"No answer within {LongestRead.TotalSeconds:0} s.");
        }

        return management is null ? readings : await management.CompleteAsync(
            readings, BrokerVersion.Of(_connection), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        var (channel, connection) = (_channel, _connection);
        (_channel, _connection) = (null, null);
        if (channel is not null)
            await channel.DisposeAsync().ConfigureAwait(false);
        if (connection is not null)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    async Task<QueueReading?> ReadAsync(string queue, bool isExpected, CancellationToken cancellationToken)
    {
        // Each attempt at a missing queue is an error in the broker's log, so they become rare.
        if (_absent.TryGetValue(queue, out var absence) && time.GetUtcNow() < absence.Until)
            return null;
        try
        {
            var channel = await OpenAsync(cancellationToken).ConfigureAwait(false);
            var found = await channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false);
            _absent.Remove(queue);
            return new QueueReading(queue, found.MessageCount, found.ConsumerCount);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode is
            Constants.NotFound or Constants.ResourceLocked or Constants.AccessRefused)
        {
            if (isExpected && !_absent.ContainsKey(queue))
                log.QueueUnreadable(queue, exception.ShutdownReason.ReplyText);
            var length = absence.Length * 2;
            length = length < ShortestAbsence ? ShortestAbsence : length > LongestAbsence ? LongestAbsence : length;
            _absent[queue] = (time.GetUtcNow() + length, length);
            return null;
        }
    }

    async Task<IChannel> OpenAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } open)
            return open;
        if (_connection is not { IsOpen: true })
        {
            await DisposeAsync().ConfigureAwait(false);
            _connection = await broker.ConnectAsync("Messaging.Breaker queue monitor", cancellationToken).ConfigureAwait(false);
        }

        if (_channel is { } lost)
            await lost.DisposeAsync().ConfigureAwait(false);
        return _channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
    }
}
