using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// The register of an endpoint's keys: a stream on the broker that every instance reads from its beginning and then follows. So a queue with
/// waiting messages is found even after everything was restarted, and all instances learn the same about keys in the same order. Thread-safe.
/// </summary>
/// <param name="endpoint">The endpoint's name.</param>
/// <param name="names">The names of what is declared in addition to its queue.</param>
/// <param name="hear">Gets what another instance says, or what this one said before it was started.</param>
/// <param name="restart">The register was read from its beginning: gets the keys that have queues, and whether these are settled.</param>
/// <param name="inUse">Returns what is still true of this instance's entries.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
sealed class KeyRegister(
    string endpoint, KeyNames names, Action<KeyEntry> hear, Action<IReadOnlyDictionary<string, bool>> restart, Func<IEnumerable<KeyEntry>> inUse, TimeProvider time, ILogger log)
{
    // Old entries are removed a segment at a time; those still in use are written again long before that.
    const long LargestRegister = 4_000_000;
    const long Segment = 500_000;
    const long SaidAgain = 1_000_000;
    const ushort Prefetch = 200;

    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LongestReading = TimeSpan.FromSeconds(10);
    static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    readonly string _instance = NewId.NextGuid().ToString("N");
    readonly AsyncLock _writing = new();
    readonly AsyncLock _following = new();
    readonly AsyncLock _syncing = new();
    readonly Lock _lock = new();
    readonly ConcurrentDictionary<string, TaskCompletionSource> _marks = new(StringComparer.Ordinal);
    Task? _nextSync;
    IChannel? _channel;
    (IConnection On, long At)? _failedAt;

    /// <summary>
    /// Reads the existing entries, and follows new ones. Does nothing while it is followed, or for a while after that failed.
    /// </summary>
    /// <returns>Whether it has just been read.</returns>
    public async Task<bool> FollowAsync(IConnection connection, CancellationToken cancellationToken)
    {
        using var held = await _following.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_channel is { IsOpen: true } || (_failedAt is { } failed && failed.On == connection && time.GetElapsedTime(failed.At) < RetryDelay))
                return false;
            using var limit = new CancellationTokenSource(LongestReading, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await ReadAsync(connection, either.Token).ConfigureAwait(false);
            _failedAt = null;
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (_failedAt is null)
                log.KeyRegisterUnreadable(endpoint, exception.Message);
            _failedAt = (connection, time.GetTimestamp());
            return false;
        }
    }

    /// <summary>Writes a line, and returns when the broker has confirmed it.</summary>
    public async Task SayAsync(KeyEntry entry, CancellationToken cancellationToken)
    {
        using var held = await _writing.EnterAsync(cancellationToken).ConfigureAwait(false);
        if (_channel is not { IsOpen: true } channel)
            throw new IOException("the register of the endpoint's keys cannot be written at the moment");
        await channel.BasicPublishAsync("", names.Register, mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, (entry with { By = _instance }).Write(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns when every entry written before this call has been read. Calls that come while a read is in progress share the next one.
    /// </summary>
    public async Task SyncAsync(CancellationToken cancellationToken)
    {
        Task sync;
        lock (_lock)
            sync = _nextSync ??= SyncNextAsync();
        await sync.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    async Task SyncNextAsync()
    {
        await Task.Yield();
        using var held = await _syncing.EnterAsync().ConfigureAwait(false);
        lock (_lock)
            _nextSync = null;
        await MarkAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Writes a mark, and waits until it is read.</summary>
    async Task MarkAsync(CancellationToken cancellationToken)
    {
        var (mark, isRead) = (NewId.NextGuid().ToString("N"), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _marks[mark] = isRead;
        try
        {
            await SayAsync(new KeyEntry("", KeyEntryState.Released, "", Reason: mark), cancellationToken).ConfigureAwait(false);
            await isRead.Task.WaitAsync(LongestReading, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _marks.TryRemove(mark, out _);
        }
    }

    async Task ReadAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(Confirmed, cancellationToken).ConfigureAwait(false);
        try
        {
            await ReadAsync(channel, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _channel = null;
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    async Task ReadAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(
            names.Register, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>
            {
                [QueueArguments.Type] = "stream",
                ["x-max-length-bytes"] = LargestRegister,
                ["x-stream-max-segment-size-bytes"] = Segment,
            },
            cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken).ConfigureAwait(false);

        var reader = new Reader(channel, this);
        await channel.BasicConsumeAsync(
            names.Register, autoAck: false, "", noLocal: false, exclusive: false, new Dictionary<string, object?> { ["x-stream-offset"] = "first" }, reader, cancellationToken).ConfigureAwait(false);
        _channel = channel;
        await MarkAsync(cancellationToken).ConfigureAwait(false);
    }

    void Hear(KeyEntry entry) => hear(entry);

    void Restart(IReadOnlyDictionary<string, bool> queues) => restart(queues);

    void Read(string mark)
    {
        if (_marks.TryGetValue(mark, out var isRead))
            isRead.TrySetResult();
    }

    void Lose()
    {
        foreach (var isRead in _marks.Values)
            isRead.TrySetException(new IOException("the register of the endpoint's keys is no longer read"));
    }

    async Task SayAgainAsync()
    {
        try
        {
            foreach (var entry in inUse())
                await SayAsync(entry, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The connection is lost; the next start writes the entries again.
        }
    }

    /// <summary>
    /// Reads the register on one channel. Of the existing entries only the last one of each key counts; after that, all entries of other
    /// instances do.
    /// </summary>
    sealed class Reader(IChannel channel, KeyRegister register) : AsyncDefaultBasicConsumer(channel)
    {
        readonly Dictionary<string, List<KeyEntry>> _before = [];
        bool _hasReadAll;
        long _read;

        public override async Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            var (entry, length) = (KeyEntry.TryRead(body), body.Length);
            await Channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken).ConfigureAwait(false);
            if (entry is not null)
                Read(entry);
            if ((_read += length) < SaidAgain || !_hasReadAll)
                return;
            _read = 0;
            _ = register.SayAgainAsync();
        }

        public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
        {
            register.Lose();
            return base.HandleChannelShutdownAsync(channel, reason);
        }

        protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
        {
            register.Lose();
            // It was deleted; the next use declares it again.
            _ = Channel.CloseAsync(CancellationToken.None);
            return base.OnCancelAsync(consumerTags, cancellationToken);
        }

        void Read(KeyEntry entry)
        {
            var isOurs = entry.By == register._instance;
            if (entry.Key.Length == 0)
            {
                if (!_hasReadAll && isOurs && register._marks.ContainsKey(entry.Reason))
                    Conclude();
                register.Read(entry.Reason);
            }
            else if (!_hasReadAll)
                Remember(entry);
            else if (!isOurs)
                register.Hear(entry);
        }

        void Remember(KeyEntry entry)
        {
            if (entry.State == KeyEntryState.Released)
                _before.Remove(entry.Key);
            else if (_before.TryGetValue(entry.Key, out var known))
            {
                // An instance that started later may not know how long the queue has existed.
                var isSettled = entry.IsOfQueue && (entry.IsSettled || known.Exists(earlier => earlier is { IsOfQueue: true, IsSettled: true }));
                known.RemoveAll(earlier => earlier.IsOfQueue == entry.IsOfQueue);
                known.Add(entry with { IsSettled = isSettled });
            }
            else
                _before[entry.Key] = [entry];
        }

        void Conclude()
        {
            register.Restart(_before.SelectMany(key => key.Value).Where(entry => entry.IsOfQueue).ToDictionary(entry => entry.Key, entry => entry.IsSettled, StringComparer.Ordinal));
            foreach (var entry in _before.Values.SelectMany(entries => entries).Where(entry => entry.By != register._instance))
            {
                // It will turn out whether it is still about to be deleted, or the instance that said so has died.
                if (entry.State == KeyEntryState.Closing)
                    register.Hear(entry with { State = KeyEntryState.Parked });
                register.Hear(entry);
            }

            _before.Clear();
            _hasReadAll = true;
        }
    }
}
