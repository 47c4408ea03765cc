using System.Text;
using RabbitMQ.Client;

namespace Messaging.Breaker.ChaosTests.Garbage;

/// <summary>Sends nonsense to the fleet's coordinator, to all its instances, and into the queue with its snapshot.</summary>
sealed class GarbageOnBus(Uri broker, string prefix, int seed) : GarbagePeer
{
    // Foreign messages in the snapshot's queue make the coordinator give way to the next. A fleet cannot do that several times a second.
    const int SeldomSnapshots = 40;

    readonly Nonsense _nonsense = new(seed);
    IConnection? _connection;
    IChannel? _channel;

    protected override async Task TellAsync(CancellationToken cancellationToken)
    {
        _connection ??= await new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(cancellationToken);
        if (_channel is not { IsOpen: true })
            _channel = await _connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        var (exchange, key, body) = _nonsense.Number(4) switch
        {
            0 => ("", $"{prefix}.commands", _nonsense.Next()),
            1 => ("", $"{prefix}.commands", $$"""{"command":"change","next":{{_nonsense.NextAboutPayments()}}}"""),
            2 => ($"{prefix}.notices", "", $$"""{"isComplete":false,"states":[{{_nonsense.NextAboutPayments()}}]}"""),
            _ when _nonsense.IsOneIn(SeldomSnapshots) => ("", $"{prefix}.state", _nonsense.NextAboutPayments()),
            _ => ($"{prefix}.notices", "", _nonsense.Next()),
        };
        await _channel.BasicPublishAsync(exchange, key, mandatory: false, Encoding.UTF8.GetBytes(body), cancellationToken);
    }

    protected override async Task CloseAsync()
    {
        if (_channel is not null)
            await _channel.DisposeAsync();
        if (_connection is not null)
            await _connection.DisposeAsync();
        (_channel, _connection) = (null, null);
    }
}
