namespace Messaging.Breaker.Breakers.Keys;

/// <summary>One message's turn among the waiting messages of its key.</summary>
/// <param name="turns">The turns of all keys.</param>
/// <param name="key">The message's key.</param>
/// <param name="order">The number of its delivery, and the order in which those of the same number came: each channel numbers its own.</param>
sealed class KeyTurn(KeyTurns turns, BreakerKey key, (ulong Place, long Entered) order) : IDisposable
{
    public BreakerKey Key => key;

    public (ulong Place, long Entered) Order => order;

    /// <summary>An earlier message went back to the endpoint's queue, so this one has to go back too.</summary>
    public bool GoesBack { get; set; }

    /// <summary>Waits until no earlier message of the key waits, or until it is cancelled.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && turns.NextChange(this) is { } changed)
            await changed.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The message goes back to the endpoint's queue, and so must those that wait behind it.</summary>
    public void SendBackLater() => turns.SendBackLater(this);

    public void Dispose() => turns.Leave(this);
}
