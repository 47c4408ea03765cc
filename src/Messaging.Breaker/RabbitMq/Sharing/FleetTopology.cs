using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// What a fleet has on the broker. The queues that outlive the instances are quorum queues: on a cluster they outlive a node, too.
/// </summary>
/// <param name="Prefix">What sets this fleet's queues apart from others'.</param>
sealed record FleetTopology(string Prefix)
{
    /// <summary>Every instance consumes it and the broker lets one of them: the clerk.</summary>
    public string Commands { get; } = $"{Prefix}.commands";

    /// <summary>Holds one message, the snapshot.</summary>
    public string State { get; } = $"{Prefix}.state";

    /// <summary>Holds one message, the lists.</summary>
    public string Lists { get; } = $"{Prefix}.ledger";

    /// <summary>To every instance.</summary>
    public string Notices { get; } = $"{Prefix}.notices";

    /// <summary>Exclusive to the instance that makes all this, for as long as it does.</summary>
    public string Founding { get; } = $"{Prefix}.founding";

    public string NewInbox() => $"{Prefix}.instance.{Guid.NewGuid():N}";

    public async Task DeclareAsync(IChannel channel, string inbox, CancellationToken cancellationToken)
    {
        await DeclareQueuesAsync(channel, cancellationToken).ConfigureAwait(false);
        await DeclareExchangeAsync(channel, cancellationToken).ConfigureAwait(false);
        await channel.QueueDeclareAsync(
            inbox, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueBindAsync(inbox, Notices, "", cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public async Task DeclareQueuesAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(
            State, durable: true, exclusive: false, autoDelete: false, Quorum(), cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueDeclareAsync(
            Lists, durable: true, exclusive: false, autoDelete: false, Quorum(), cancellationToken: cancellationToken).ConfigureAwait(false);
        var commands = Quorum();
        commands["x-single-active-consumer"] = true;
        await channel.QueueDeclareAsync(
            Commands, durable: true, exclusive: false, autoDelete: false, commands, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public Task DeclareExchangeAsync(IChannel channel, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(Notices, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);

    static Dictionary<string, object?> Quorum() => new() { ["x-queue-type"] = "quorum" };
}
