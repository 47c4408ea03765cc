using System.Runtime.CompilerServices;
using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>Reads a queue chunk by chunk, and knows what it still holds.</summary>
sealed class LetterReader(SessionSetup setup)
{
    const int FirstChunk = 500;
    const int SmallestChunk = 4;
    const long MostBytes = 32 * 1024 * 1024;

    /// <summary>A queue that has messages and gives none, as to one that is not its single active consumer, is not waited for any longer.</summary>
    static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(250);

    readonly HashSet<ulong> _settled = [];
    readonly List<Letter> _due = [];
    int _chunks;
    long _messages;
    long _bytes;
    ulong _last;

    /// <summary>As many as take no more memory than is fair.</summary>
    public int NextChunk => _messages == 0 ? FirstChunk : (int)Math.Clamp(MostBytes / Math.Max(1, _bytes / _messages), SmallestChunk, ushort.MaxValue);

    /// <summary>Reads so many messages, and what comes in addition where some are settled meanwhile.</summary>
    /// <param name="size">How many. Fewer come if there are not more.</param>
    /// <param name="keepsBody">Whether a message's body is needed.</param>
    /// <param name="count">How many wait in the queue.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<Letter> ReadAsync(
        int size, Func<Letter, bool> keepsBody, Func<CancellationToken, Task<long?>> count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunk = new Chunk(setup.Reading, setup.Queue, _chunks++, (ushort)size, keepsBody);
        await setup.Broker.DoAsync(() => chunk.BeginAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        var read = 0;
        while (read < size && await HasNextAsync(chunk, count, cancellationToken).ConfigureAwait(false))
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
    public void Renew(Letter letter) => _due.Add(letter);

    public Task SettleAsync(IEnumerable<Letter> letters, CancellationToken cancellationToken) => setup.Broker.DoAsync(
        async () =>
        {
            foreach (var letter in letters)
            {
                await setup.Reading.BasicAckAsync(letter.Tag, multiple: false, cancellationToken).ConfigureAwait(false);
                _settled.Add(letter.Tag);
            }
        },
        cancellationToken);

    /// <summary>Lets go of what was not settled.</summary>
    public async Task ReturnAsync(Publisher publisher, bool freely)
    {
        foreach (var due in _due.Where(letter => !_settled.Contains(letter.Tag)).Chunk(FirstChunk))
        {
            var results = await publisher.PublishAsync(setup.Queue, due.Select(letter => (letter.ToCopy(), letter.Body!)), CancellationToken.None).ConfigureAwait(false);
            await SettleAsync(due.Where((_, at) => results[at] == MoveResult.Confirmed), CancellationToken.None).ConfigureAwait(false);
        }

        if (freely)
            await setup.Broker.DoAsync(NackAllAsync, CancellationToken.None).ConfigureAwait(false);
    }

    async Task NackAllAsync()
    {
        for (ulong tag = 1; tag <= _last; tag++)
            if (!_settled.Contains(tag))
                await setup.Reading.BasicNackAsync(tag, multiple: false, requeue: true, CancellationToken.None).ConfigureAwait(false);
    }

    Letter Take(Letter letter)
    {
        _last = letter.Tag;
        return letter;
    }

    /// <returns>False if the queue has no more, or gives none.</returns>
    async Task<bool> HasNextAsync(Chunk chunk, Func<CancellationToken, Task<long?>> count, CancellationToken cancellationToken)
    {
        var began = setup.Time.GetTimestamp();
        var waiting = chunk.Inbox.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            try
            {
                return await waiting.WaitAsync(Silence, setup.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                if (await count(cancellationToken).ConfigureAwait(false) is null or 0 || setup.Time.GetElapsedTime(began) > LongestSilence)
                    return waiting.IsCompletedSuccessfully && await waiting.ConfigureAwait(false);
            }
        }
    }
}
