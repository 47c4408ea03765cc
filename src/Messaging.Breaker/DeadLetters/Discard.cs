namespace Messaging.Breaker.DeadLetters;

/// <summary>One discard, from its order to its end. A message is removed when it is safe on the disk.</summary>
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
            return entry.End(DeadLetterRunState.Cancelled, "cancelled; what was removed is removed, the rest is where it was");
        }
        catch (Exception exception) when (exception is ConnectionLostException or IOException or UnauthorizedAccessException && entry.Run.Read > 0)
        {
            return entry.End(DeadLetterRunState.Stopped, $"{exception.Message}; the rest is where it was. Messages that were written and could not be removed are in the file and in the queue");
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
