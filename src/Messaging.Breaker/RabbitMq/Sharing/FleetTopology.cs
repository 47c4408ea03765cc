using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// A fleet's queues and exchanges on the broker. Those that outlive the instances are quorum queues, so on a cluster they also outlive a node.
/// </summary>
/// <param name="Prefix">Distinguishes this fleet's queues from those of others.</param>
sealed record FleetTopology(string Prefix)
{
    /// <summary>Every instance consumes it, and the broker serves one of them: the coordinator.</summary>
    public string Commands { get; } = $"{Prefix}.commands";

    /// <summary>Holds one message, the snapshot.</summary>
    public string State { get; } = $"{Prefix}.state";

    /// <summary>Holds one message, the lists.</summary>
    public string Lists { get; } = $"{Prefix}.ledger";

    /// <summary>Delivers to every instance.</summary>
    public string Notices { get; } = $"{Prefix}.notices";

    /// <summary>Exclusive to the instance that declares all this, while it does so.</summary>
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
