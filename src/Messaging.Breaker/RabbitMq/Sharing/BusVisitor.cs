using MassTransit;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// Asks the fleet's coordinator. As long as an instance can be the coordinator, the visitor does not stand by for it. Only if there is none is
/// the visitor the coordinator itself, for the length of one call.
/// </summary>
sealed class BusVisitor(BusSharingOptions options, TimeProvider time, ILoggerFactory loggers) : IFleetVisitor
{
    readonly ConnectionFactory _factory = BusConnection.For(options, new RabbitMqTransportOptions());
    readonly FleetTopology _topology = new(options.Prefix);
    BusStateStore? _store;

    public async Task<FleetPresence?> LookAsync(CancellationToken cancellationToken)
    {
        if (_store is null && await CountCoordinatorsAsync(cancellationToken).ConfigureAwait(false) is not > 0 and var nobody)
            return nobody is null ? null : new FleetPresence(0, null);
        return await CallAsync(store => store.LookAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<SharedBreakerState>> ReadAsync(CancellationToken cancellationToken) => CallAsync(store => store.ReadAllAsync(cancellationToken), cancellationToken);

    public Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken) =>
        CallAsync(store => store.ChangeAsync(next, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<SharedLedgerEntry>> ReadListAsync(string list, CancellationToken cancellationToken) =>
        CallAsync(store => ((ISharedLedger)store).ReadAsync(list, cancellationToken), cancellationToken);

    public Task PutAsync(string list, string id, string text, CancellationToken cancellationToken) => CallAsync(
        async store =>
        {
            await store.PutAsync(list, id, text, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => _store is { } store ? store.DisposeAsync() : ValueTask.CompletedTask;

    /// <returns>Null if there is no such fleet. A broker may count only the coordinator, and not the instances that stand by.</returns>
    async Task<long?> CountCoordinatorsAsync(CancellationToken cancellationToken)
    {
        var connection = await _factory.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var closingToo = channel.ConfigureAwait(false);
        try
        {
            // The exchange is declared last: if it exists, everything does.
            await channel.ExchangeDeclarePassiveAsync(_topology.Notices, cancellationToken).ConfigureAwait(false);
            var commands = await channel.QueueDeclarePassiveAsync(_topology.Commands, cancellationToken).ConfigureAwait(false);
            return commands.ConsumerCount;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    async Task<T> CallAsync<T>(Func<BusStateStore, Task<T>> call, CancellationToken cancellationToken)
    {
        if (_store is not null)
        {
            try
            {
                return await call(_store).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The last instance may have ended in the meantime, and the coordinator with it.
                await _store.DisposeAsync().ConfigureAwait(false);
                _store = null;
            }
        }

        var coordinators = await CountCoordinatorsAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no fleet '{options.Prefix}' on RabbitMQ at {_factory.Endpoint.HostName}:{_factory.Endpoint.Port}.");
        if (coordinators > 0)
            return await call(_store = NewStore(mayDecide: false)).ConfigureAwait(false);
        var alone = NewStore(mayDecide: true);
        await using var leaving = alone.ConfigureAwait(false);
        return await call(alone).ConfigureAwait(false);
    }

    BusStateStore NewStore(bool mayDecide) => new(_factory, options, time, loggers, mayDecide);
}
