namespace Messaging.Breaker;

/// <summary>
/// Planned isolations of breakers and holds of endpoints: from configuration, from code, and those that are added while running. A fleet
/// shares the latter through its store, if that keeps lists (<see cref="ISharedLedger"/>). Thread-safe; a singleton in the container.
/// </summary>
/// <remarks>
/// One instance of a fleet acts for all. An operator who releases a breaker, or resumes an endpoint, within a window ends that window until
/// its next time, because no window acts after its beginning. If an operator holds something for longer than the window, it stays that way.
/// </remarks>
public interface IPlannedWindows
{
    /// <summary>All current and coming windows, each at its next time, in the order in which they begin.</summary>
    IReadOnlyList<PlannedWindow> Windows { get; }

    /// <summary>Plans a one-time window. Without a shared store, it lives as long as the process.</summary>
    /// <param name="order">What, when and why.</param>
    /// <param name="cancellationToken">Ends the wait for the store; the window may have been added anyway.</param>
    /// <returns>The window, with the name by which it can be removed.</returns>
    /// <exception cref="ArgumentException">The order is invalid, for example without a reason, or with an end before its start.</exception>
    /// <exception cref="KeyNotFoundException">There is no such breaker or endpoint here; the message lists the known ones.</exception>
    /// <exception cref="InvalidOperationException">There are already 50 such windows.</exception>
    /// <exception cref="TimeoutException">
    /// The store did not answer. The call may also fail with other exceptions. In each case the window is not planned.
    /// </exception>
    Task<PlannedWindow> AddAsync(WindowOrder order, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes a window that was added while running. If it has begun, its isolation is released or its hold is ended, unless an operator
    /// has replaced it.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="by">Who gives the order; null if not specified.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <returns>False if no window with this name can be removed.</returns>
    /// <exception cref="TimeoutException">
    /// The store did not answer. The call may also fail with other exceptions. In each case the window stays.
    /// </exception>
    Task<bool> RemoveAsync(string name, string? by = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// All events of windows from now on, until cancelled; in a fleet, on the instance that acts for all. A reader that falls behind by
    /// more than 100 loses the oldest.
    /// </summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<WindowNews> WatchAsync(CancellationToken cancellationToken = default);
}
