namespace Messaging.Breaker.Sharing;

/// <summary>
/// Is notified of what this instance learns of the fleet's states. Called by the member's loop, one call at a time; must not wait.
/// </summary>
interface IFleetListener
{
    /// <summary>The fleet's state of a breaker has changed, and this instance has followed or caused the change.</summary>
    /// <param name="breaker">The breaker.</param>
    /// <param name="before">What was known before; null for nothing.</param>
    /// <param name="state">What is known now.</param>
    /// <param name="isOurs">Whether this instance decided it.</param>
    void Followed(string breaker, SharedBreakerState? before, SharedBreakerState state, bool isOurs)
    {
    }

    /// <summary>A change of a state that belongs to no breaker was announced.</summary>
    void Announced(string name)
    {
    }
}
