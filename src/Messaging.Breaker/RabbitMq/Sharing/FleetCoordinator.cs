using System.Text.Json;
using System.Threading.Channels;
using Messaging.Breaker.Diagnostics;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// All instances consume the queue of commands, and the broker serves one of them. That one decides for the fleet, one command after the other.
/// Its decisions are safe on the broker before any instance learns of them. It reads, writes, notifies and acknowledges on one channel: a
/// coordinator that the broker has given up can do no harm, and on any doubt it closes the channel, which makes another instance the
/// coordinator.
/// </summary>
sealed class FleetCoordinator(IChannel channel, FleetTopology topology, StateAges ages, TimeProvider time, ILogger log)
    : AsyncDefaultBasicConsumer(channel)
{
    const int LargestBatch = 100;

    /// <summary>If a broker takes longer than this, another coordinator serves the fleet better.</summary>
    static readonly TimeSpan LongestBatch = TimeSpan.FromSeconds(10);

    readonly Channel<Delivery> _inbox = System.Threading.Channels.Channel.CreateUnbounded<Delivery>();
    readonly SnapshotQueue<Snapshot> _snapshots = new(channel, topology.State, MessageFormat.Default.Snapshot, time, log);
    readonly SnapshotQueue<ListsSnapshot> _lists = new(channel, topology.Lists, MessageFormat.Default.ListsSnapshot, time, log);
    FleetStates? _ledger;
    SharedLists? _entries;

    /// <summary>Runs until it fails; it never ends otherwise.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Channel.BasicQosAsync(0, LargestBatch, global: false, cancellationToken).ConfigureAwait(false);
        await Channel.BasicConsumeAsync(topology.Commands, autoAck: false, this, cancellationToken).ConfigureAwait(false);
        var batch = new List<Delivery>();
        while (await _inbox.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (batch.Count < LargestBatch && _inbox.Reader.TryRead(out var delivery))
                batch.Add(delivery);
            using var limit = new CancellationTokenSource(LongestBatch, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await HandleAsync(batch, either.Token).ConfigureAwait(false);
            batch.Clear();
        }
    }

    /// <summary>The body belongs to the client, and is lent only for the duration of the call.</summary>
    public override async Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default) =>
        await _inbox.Writer.WriteAsync(
            new Delivery(deliveryTag, properties.ReplyTo, properties.CorrelationId, MessageFormat.Parse(body, MessageFormat.Default.Command, topology.Commands, log)), cancellationToken).ConfigureAwait(false);

    /// <summary>The broker has cancelled the consumer, for example because its queue was deleted.</summary>
    protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
    {
        _inbox.Writer.TryComplete(new InvalidOperationException("the consumer of the commands was cancelled"));
        return base.OnCancelAsync(consumerTags, cancellationToken);
    }

    async Task HandleAsync(List<Delivery> batch, CancellationToken cancellationToken)
    {
        var ledger = _ledger ??= await BeginAsync(cancellationToken).ConfigureAwait(false);
        var answers = batch.FindAll(delivery => !IsOfLists(delivery.Command)).ConvertAll(delivery => (delivery, Answer: Apply(delivery.Command, ledger.Apply)));
        if (ledger.IsDirty)
            await _snapshots.ReplaceAsync(ledger.TakeSnapshot(), cancellationToken).ConfigureAwait(false);
        if (ledger.TakeChanges() is { Count: > 0 } changes)
            await TellAsync(new Notice(changes, IsComplete: false), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(answers.Select(pair => AnswerAsync(pair.delivery, pair.Answer, cancellationToken))).ConfigureAwait(false);
        // Last, because the first time takes half a second, and a breaker that opened must not wait for it.
        if (batch.FindAll(delivery => IsOfLists(delivery.Command)) is { Count: > 0 } ofLists)
            await HandleListsAsync(ofLists, cancellationToken).ConfigureAwait(false);
        await Channel.BasicAckAsync(batch[^1].Tag, multiple: true, cancellationToken).ConfigureAwait(false);
    }

    async Task HandleListsAsync(List<Delivery> batch, CancellationToken cancellationToken)
    {
        var entries = _entries ??= await BeginListsAsync(cancellationToken).ConfigureAwait(false);
        var answers = batch.ConvertAll(delivery => (delivery, Answer: Apply(delivery.Command, entries.Apply)));
        if (entries.IsDirty)
            await _lists.ReplaceAsync(entries.TakeSnapshot(), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(answers.Select(pair => AnswerAsync(pair.delivery, pair.Answer, cancellationToken))).ConfigureAwait(false);
    }

    async Task<FleetStates> BeginAsync(CancellationToken cancellationToken)
    {
        var ledger = new FleetStates(time);
        await _snapshots.BeginAsync(Renew, cancellationToken).ConfigureAwait(false);
        log.BecameCoordinator(topology.Prefix, ledger.States.Count);
        await TellAsync(new Notice(ledger.States, IsComplete: true), cancellationToken).ConfigureAwait(false);
        return ledger;

        Snapshot Renew(Snapshot? last)
        {
            if (last is not null)
                ledger.Load(last, ages);
            return ledger.TakeSnapshot();
        }
    }

    /// <summary>Not before they are asked for: most fleets never need them.</summary>
    async Task<SharedLists> BeginListsAsync(CancellationToken cancellationToken)
    {
        var entries = new SharedLists(time);
        await _lists.BeginAsync(
            last =>
            {
                if (last is not null)
                    entries.Load(last);
                return entries.TakeSnapshot();
            },
            cancellationToken).ConfigureAwait(false);
        return entries;
    }

    static bool IsOfLists(Command? command) => command is PutEntry or ReadEntries;

    /// <summary>A command that cannot be obeyed must not end this coordinator, and then the next one.</summary>
    Answer Apply(Command? command, Func<Command, Answer> apply)
    {
        if (command is null)
            return new Answer(Problem: "the coordinator cannot read the command; it runs another version of the library");
        try
        {
            return apply(command);
        }
        catch (Exception exception)
        {
            log.SharedMessageUnreadable(topology.Commands, exception.Message);
            return new Answer(Problem: exception.Message);
        }
    }

    async Task TellAsync(Notice notice, CancellationToken cancellationToken) => await Channel.BasicPublishAsync(
        topology.Notices,
        "",
        mandatory: false,
        new BasicProperties { ContentType = "application/json" },
        JsonSerializer.SerializeToUtf8Bytes(notice, MessageFormat.Default.Notice),
        cancellationToken).ConfigureAwait(false);

    async Task AnswerAsync(Delivery delivery, Answer answer, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(delivery.ReplyTo) || string.IsNullOrEmpty(delivery.CorrelationId))
            return;
        await Channel.BasicPublishAsync(
            "",
            delivery.ReplyTo,
            mandatory: false,
            new BasicProperties { ContentType = "application/json", CorrelationId = delivery.CorrelationId },
            JsonSerializer.SerializeToUtf8Bytes(answer, MessageFormat.Default.Answer),
            cancellationToken).ConfigureAwait(false);
    }

    sealed record Delivery(ulong Tag, string? ReplyTo, string? CorrelationId, Command? Command);
}
