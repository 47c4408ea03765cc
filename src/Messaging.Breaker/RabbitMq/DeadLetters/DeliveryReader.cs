using System.Runtime.CompilerServices;
using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>Reads a queue in chunks, and keeps track of the messages that it still holds.</summary>
sealed class DeliveryReader(SessionSetup setup)
{
    const int LargestRenewal = 500;
    const int SmallestChunk = 4;

    /// <summary>The first message may be small and the next ones large.</summary>
    const int Growth = 4;
    const int Questions = 3;
    const long MostBytes = 32 * 1024 * 1024;

    /// <summary>
    /// After this time it stops waiting for a queue that has messages but delivers none, for example because this is not its single active
    /// consumer.
    /// </summary>
    static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(5);

    /// <summary>The settled tags above <see cref="_floor"/>.</summary>
    readonly HashSet<ulong> _settled = [];

    readonly List<DeadLetterDelivery> _due = [];
    int _chunks;
    long _messages;
    long _bytes;
    ulong _last;

    /// <summary>All tags up to this one are settled.</summary>
    ulong _floor;

    /// <summary>Messages that were read but not settled.</summary>
    public long Held => (long)(_last - _floor) - _settled.Count;

    /// <summary>As many messages as fit into a reasonable amount of memory.</summary>
    public int NextChunk => (int)Math.Clamp(
        MostBytes / Math.Max(1, _bytes / Math.Max(1, _messages)), SmallestChunk, Math.Clamp(Growth * _messages, SmallestChunk, ushort.MaxValue));

    /// <summary>Reads this many messages, and more if some are settled in the meantime.</summary>
    /// <param name="size">How many. Fewer are returned if there are no more.</param>
    /// <param name="keepsBody">Whether a message's body is needed.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<DeadLetterDelivery> ReadAsync(
        int size, Func<DeadLetterDelivery, bool> keepsBody, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunk = new Chunk(setup.Reading, setup.Queue, _chunks++, (ushort)size, keepsBody);
        await setup.Broker.DoAsync(() => chunk.BeginAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        var read = 0;
        while (read < size && await HasNextAsync(chunk, cancellationToken).ConfigureAwait(false))
            while (chunk.Inbox.TryRead(out var letter))
            {
                read++;
                yield return Take(letter);
            }

        await setup.Broker.DoAsync(() => chunk.EndAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        while (await chunk.Inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            while (chunk.Inbox.TryRead(out var letter))
            {
                read++;
                yield return Take(letter);
            }

        _messages += read;
        _bytes += chunk.Bytes;
    }

    /// <summary>
    /// Whether the message has been returned so often that it has to be renewed if it is not settled. Its body is needed for that.
    /// </summary>
    public void Renew(DeadLetterDelivery letter) => _due.Add(letter);

    /// <summary>
    /// Acknowledges with as few commands as possible. A quorum queue that falls behind lets its channel collect commands, and those still
    /// collected when the channel closes are lost, which causes duplicates.
    /// </summary>
    public Task SettleAsync(IEnumerable<DeadLetterDelivery> letters, CancellationToken cancellationToken) => setup.Broker.DoAsync(
        async () =>
        {
            var tags = letters.Select(letter => letter.Tag).ToList();
            _settled.UnionWith(tags);
            var from = _floor;
            while (_settled.Remove(_floor + 1))
                _floor++;
            if (_floor > from)
                await setup.Reading.BasicAckAsync(_floor, multiple: true, cancellationToken).ConfigureAwait(false);
            foreach (var tag in tags.Where(tag => tag > _floor))
                await setup.Reading.BasicAckAsync(tag, multiple: false, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Releases the messages that were not settled.</summary>
    public async Task ReturnAsync(Publisher publisher, bool freely)
    {
        foreach (var due in _due.Where(letter => letter.Tag > _floor && !_settled.Contains(letter.Tag)).Chunk(LargestRenewal))
        {
            var results = await publisher.PublishAsync(setup.Queue, due.Select(letter => (letter.ToCopy(), letter.Body!)), CancellationToken.None).ConfigureAwait(false);
            await SettleAsync(due.Where((_, at) => results[at] == MoveResult.Confirmed), CancellationToken.None).ConfigureAwait(false);
        }

        // The queue answers this only after it has settled, or nearly settled, what was acknowledged before.
        for (var asked = 0; asked < Questions; asked++)
            await setup.Broker.DoAsync(() => setup.Reading.QueueDeclarePassiveAsync(setup.Queue), CancellationToken.None).ConfigureAwait(false);
        // Not tag 0: RabbitMQ 4.3 treats a nack of "everything outstanding" as a nack of nothing.
        if (freely && _last > _floor)
            await setup.Broker.DoAsync(
                () => setup.Reading.BasicNackAsync(_last, multiple: true, requeue: true, CancellationToken.None).AsTask(), CancellationToken.None).ConfigureAwait(false);
    }

    DeadLetterDelivery Take(DeadLetterDelivery letter)
    {
        _last = letter.Tag;
        return letter;
    }

    /// <summary>
    /// Nothing shows reliably that a queue has no more messages: one that has just delivered thousands reports none, while some are still on
    /// their way.
    /// </summary>
    /// <returns>False if nothing has arrived for so long that nothing will.</returns>
    async Task<bool> HasNextAsync(Chunk chunk, CancellationToken cancellationToken)
    {
        try
        {
            return await chunk.Inbox.WaitToReadAsync(cancellationToken).AsTask().WaitAsync(LongestSilence, setup.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
