using System.Runtime.CompilerServices;
using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>Reads a queue chunk by chunk, and knows what it still holds.</summary>
sealed class DeliveryReader(SessionSetup setup)
{
    const int LargestRenewal = 500;
    const int SmallestChunk = 4;

    /// <summary>The first message may be small and the next ones large.</summary>
    const int Growth = 4;
    const int Questions = 3;
    const long MostBytes = 32 * 1024 * 1024;

    /// <summary>A queue that has messages and gives none, as to one that is not its single active consumer, is not waited for any longer.</summary>
    static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(5);

    /// <summary>What was settled beyond <see cref="_floor"/>.</summary>
    readonly HashSet<ulong> _settled = [];

    readonly List<DeadLetterDelivery> _due = [];
    int _chunks;
    long _messages;
    long _bytes;
    ulong _last;

    /// <summary>Up to this all is settled.</summary>
    ulong _floor;

    /// <summary>Messages that were read and are not settled.</summary>
    public long Held => (long)(_last - _floor) - _settled.Count;

    /// <summary>As many as take no more memory than is fair.</summary>
    public int NextChunk => (int)Math.Clamp(
        MostBytes / Math.Max(1, _bytes / Math.Max(1, _messages)), SmallestChunk, Math.Clamp(Growth * _messages, SmallestChunk, ushort.MaxValue));

    /// <summary>Reads so many messages, and what comes in addition where some are settled meanwhile.</summary>
    /// <param name="size">How many. Fewer come if there are not more.</param>
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

    /// <summary>A message that has been returned so often that it is to be renewed if it is not settled. Its body is needed.</summary>
    public void Renew(DeadLetterDelivery letter) => _due.Add(letter);

    /// <summary>
    /// Acknowledges with as few commands as it can: a quorum queue that falls behind lets its channel collect them, and those that are still collected
    /// when the channel closes are lost, which makes doubles.
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

    /// <summary>Lets go of what was not settled.</summary>
    public async Task ReturnAsync(Publisher publisher, bool freely)
    {
        foreach (var due in _due.Where(letter => letter.Tag > _floor && !_settled.Contains(letter.Tag)).Chunk(LargestRenewal))
        {
            var results = await publisher.PublishAsync(setup.Queue, due.Select(letter => (letter.ToCopy(), letter.Body!)), CancellationToken.None).ConfigureAwait(false);
            await SettleAsync(due.Where((_, at) => results[at] == MoveResult.Confirmed), CancellationToken.None).ConfigureAwait(false);
        }

        // What was settled is settled by now, or nearly: asking the queue is answered after that.
        for (var asked = 0; asked < Questions; asked++)
            await setup.Broker.DoAsync(() => setup.Reading.QueueDeclarePassiveAsync(setup.Queue), CancellationToken.None).ConfigureAwait(false);
        // Not tag 0: a broker of 4.3 takes a nack of "all that is outstanding" for one of nothing.
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
    /// Nothing tells that a queue has no more for us: one that has just given us thousands counts none, and some of them are still on their way.
    /// </summary>
    /// <returns>False if nothing has come for so long that nothing will.</returns>
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
