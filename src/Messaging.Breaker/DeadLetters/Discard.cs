namespace Messaging.Breaker.DeadLetters;

/// <summary>One discard, from its order to its end. A message is removed once it is safely on disk.</summary>
sealed class Discard(DeadLetterSource queue, IDeadLetterBroker broker, DiscardOrder order, DiscardFile? file, RunEntry entry)
{
    const int LargestBatch = 100;

    readonly SelectionFilter _filter = new(order);

    public async Task<DeadLetterRun> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await broker.OpenAsync(queue.Name, cancellationToken).ConfigureAwait(false) is { } session)
            {
                await using var closing = session.ConfigureAwait(false);
                entry.Change(run => run with { Found = session.Found });
                await RemoveAllAsync(session, cancellationToken).ConfigureAwait(false);
            }

            return entry.End(DeadLetterRunState.Completed, "");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return entry.End(DeadLetterRunState.Cancelled, "cancelled; messages already removed stay removed, the others are still in the queue");
        }
        catch (Exception exception) when (exception is ConnectionLostException or IOException or UnauthorizedAccessException && entry.Run.Read > 0)
        {
            return entry.End(DeadLetterRunState.Stopped, $"{exception.Message}; the other messages are still in the queue. Messages that were written to the file and could not be removed are in both");
        }
    }

    async Task RemoveAllAsync(IDeadLetterSession session, CancellationToken cancellationToken)
    {
        var batch = new List<DeadLetter>();
        await foreach (var letter in session.ReadAsync(int.MaxValue, onlyLooks: false, letter => file is not null && _filter.Selects(letter), cancellationToken).ConfigureAwait(false))
        {
            entry.Change(run => run with { Read = run.Read + 1 });
            if (!_filter.Selects(letter))
                continue;
            batch.Add(letter);
            if (batch.Count >= LargestBatch)
                await RemoveAsync(session, batch).ConfigureAwait(false);
        }

        await RemoveAsync(session, batch).ConfigureAwait(false);
    }

    async Task RemoveAsync(IDeadLetterSession session, List<DeadLetter> batch)
    {
        if (file is not null)
            await file.WriteAsync(batch).ConfigureAwait(false);
        await session.SettleAsync(batch, CancellationToken.None).ConfigureAwait(false);
        var removed = batch.Count;
        batch.Clear();
        entry.Change(run => run with { Moved = run.Moved + removed });
    }
}
