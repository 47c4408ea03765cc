using System.Runtime.CompilerServices;
using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>
/// Reads the contents of a queue once. If its first message has been returned so often that another return might drop it, all messages are
/// published again to the end of the queue, in order, which keeps their order.
/// </summary>
sealed class Reading(SessionSetup setup, DeliveryReader reader, Publisher publisher, bool returnsFreely)
{
    public async IAsyncEnumerable<DeadLetter> ReadAsync(
        int most, bool onlyLooks, Func<DeadLetter, bool> keepsBody, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = Math.Min(setup.Found, most);
        if (left == 0)
            yield break;
        var head = await ReadListAsync(1, _ => true, cancellationToken).ConfigureAwait(false);
        if (head is not [var first, ..])
            yield break;
        if (IsDue(first))
        {
            var rotated = RotateAsync(first, onlyLooks ? left : setup.Found, keepsBody, cancellationToken);
            await foreach (var letter in rotated.ConfigureAwait(false))
                if (onlyLooks)
                    yield return letter;
            if (onlyLooks)
                yield break;
        }
        else
        {
            if (!keepsBody(first))
                first.Body = null;
            left--;
            yield return first;
        }

        while (left > 0)
        {
            var size = (int)Math.Min(left, reader.NextChunk);
            var read = 0;
            await foreach (var letter in reader.ReadAsync(size, letter => IsDue(letter) || keepsBody(letter), cancellationToken).ConfigureAwait(false))
            {
                read++;
                if (IsDue(letter))
                    reader.Renew(letter);
                yield return letter;
            }

            left -= read;
            if (read < size)
                yield break;
        }
    }

    /// <summary>Where returns do not count, crashes and lost connections still do.</summary>
    bool IsDue(DeadLetterDelivery letter) => letter.Returns >= setup.HalfLimit && (letter.Returns > 0 || !returnsFreely);

    async IAsyncEnumerable<DeadLetterDelivery> RotateAsync(
        DeadLetterDelivery first, long left, Func<DeadLetter, bool> keepsBody, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<DeadLetterDelivery> letters = [first];
        while (letters.Count > 0)
        {
            await RenewAsync(letters, cancellationToken).ConfigureAwait(false);
            left -= letters.Count;
            foreach (var letter in letters)
            {
                if (!keepsBody(letter))
                    letter.Body = null;
                yield return letter;
            }

            // Nothing in a chunk is settled before the chunk has ended, so that it contains none of the new copies.
            letters = left > 0 ? await ReadListAsync((int)Math.Min(left, reader.NextChunk), _ => true, cancellationToken).ConfigureAwait(false) : [];
        }
    }

    async Task RenewAsync(List<DeadLetterDelivery> letters, CancellationToken cancellationToken)
    {
        var results = await publisher.PublishAsync(setup.Queue, letters.Select(letter => (letter.ToCopy(), letter.Body!)), cancellationToken).ConfigureAwait(false);
        await reader.SettleAsync(letters.Where((_, at) => results[at] == MoveResult.Confirmed), CancellationToken.None).ConfigureAwait(false);
        if (results.Any(result => result != MoveResult.Confirmed))
            throw new DeadLetterException(
                $"Queue '{setup.Queue}' counts returns, so messages near its limit must be published again, and the queue refuses that. Raise its x-max-length, or its delivery limit.");
    }

    async Task<List<DeadLetterDelivery>> ReadListAsync(int size, Func<DeadLetterDelivery, bool> keepsBody, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetterDelivery>(size);
        await foreach (var letter in reader.ReadAsync(size, keepsBody, cancellationToken).ConfigureAwait(false))
            letters.Add(letter);
        return letters;
    }
}
