using System.Diagnostics.CodeAnalysis;
using MassTransit;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// The register of an endpoint's keys: a stream on the broker that every instance reads from its beginning, and then follows. So a queue with
/// waiting messages is found again after a restart of everything, and what one instance learns of a key all know.
/// </summary>
/// <param name="endpoint">The endpoint's name.</param>
/// <param name="names">What is declared beside its queue.</param>
/// <param name="hear">What another instance says, or this one said before it was started.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by its handle, and a source without a timer, hold nothing.")]
sealed class KeyRegister(string endpoint, KeyNames names, Action<KeyEntry> hear, TimeProvider time, ILogger log)
{
    // Old entries go in steps of a segment; what is still in use is said again by whoever starts.
    const long LargestRegister = 4_000_000;
    const long Segment = 500_000;
    const ushort Prefetch = 200;

    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LongestReading = TimeSpan.FromSeconds(10);
    static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    readonly string _instance = NewId.NextGuid().ToString("N");
    readonly SemaphoreSlim _writing = new(1);
    readonly SemaphoreSlim _following = new(1);
    IChannel? _channel;
    (IConnection On, long At)? _failedAt;

    /// <summary>Reads what there is, and follows it from there. Does nothing while it is followed, and for a while after it could not be.</summary>
    /// <returns>Whether it has been read just now.</returns>
    public async Task<bool> FollowAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await _following.WaitAsync(cancellationToken).ConfigureAwait(false);
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
        finally
        {
            _following.Release();
        }
    }

    /// <summary>Writes a line, and returns when the broker has it.</summary>
    public async Task SayAsync(KeyEntry entry, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_channel is not { IsOpen: true } channel)
                throw new IOException("the register of the endpoint's keys cannot be written now");
            await channel.BasicPublishAsync("", names.Register, mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, (entry with { By = _instance }).Write(), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
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

        var reader = new Reader(channel, _instance, NewId.NextGuid().ToString("N"), hear);
        await channel.BasicConsumeAsync(
            names.Register, autoAck: false, "", noLocal: false, exclusive: false, new Dictionary<string, object?> { ["x-stream-offset"] = "first" }, reader, cancellationToken).ConfigureAwait(false);
        _channel = channel;
        await SayAsync(new KeyEntry("", KeyEntryState.Released, "", Reason: reader.Mark), cancellationToken).ConfigureAwait(false);
        await reader.HasReadAll.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads the register on one channel. Of what was there before only the last line of each key counts; afterwards all that is not our own.
    /// </summary>
    sealed class Reader(IChannel channel, string instance, string mark, Action<KeyEntry> hear) : AsyncDefaultBasicConsumer(channel)
    {
        readonly TaskCompletionSource _hasReadAll = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly Dictionary<string, List<KeyEntry>> _before = [];

        public string Mark => mark;

        public Task HasReadAll => _hasReadAll.Task;

        public override async Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            var entry = KeyEntry.TryRead(body);
            await Channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken).ConfigureAwait(false);
            if (entry is null)
                return;
            if (_hasReadAll.Task.IsCompleted)
            {
                if (entry.By != instance && entry.Key.Length > 0)
                    hear(entry);
            }
            else if (entry.Key.Length > 0)
                Remember(entry);
            else if (entry.Reason == mark)
                Conclude();
        }

        protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
        {
            _hasReadAll.TrySetException(new IOException("the broker ended the reading of the register"));
            // Somebody deleted it: it is declared anew by whoever needs it next.
            _ = Channel.CloseAsync(CancellationToken.None);
            return base.OnCancelAsync(consumerTags, cancellationToken);
        }

        void Remember(KeyEntry entry)
        {
            if (entry.State == KeyEntryState.Released)
                _before.Remove(entry.Key);
            else if (_before.TryGetValue(entry.Key, out var known))
            {
                known.RemoveAll(earlier => earlier.IsOfQueue == entry.IsOfQueue);
                known.Add(entry);
            }
            else
                _before[entry.Key] = [entry];
        }

        void Conclude()
        {
            foreach (var entry in _before.Values.SelectMany(entries => entries).Where(entry => entry.By != instance))
                hear(entry.State == KeyEntryState.Closing ? entry with { State = KeyEntryState.Parked } : entry);
            _before.Clear();
            _hasReadAll.TrySetResult();
        }
    }
}
