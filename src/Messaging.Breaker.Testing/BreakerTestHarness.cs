using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Testing;

/// <summary>
/// Breakers on a fake clock: a test decides when a break is over, and waits for the consequences instead of sleeping. From the container,
/// after <see cref="BreakerTestingExtensions.AddBreakerTestHarness"/>. Thread-safe.
/// </summary>
public sealed class BreakerTestHarness
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    readonly BreakerRegistry _breakers;
    readonly EndpointRegistry _endpoints;
    readonly ConcurrentQueue<Transition> _transitions = new();
    readonly ConcurrentDictionary<string, long> _recorded = new(StringComparer.OrdinalIgnoreCase);

    internal BreakerTestHarness(BreakerRegistry breakers, EndpointRegistry endpoints, FakeTimeProvider clock)
    {
        (_breakers, _endpoints, Clock) = (breakers, endpoints, clock);
        foreach (var breaker in breakers.Breakers)
            _recorded[breaker.Name] = breaker.GetSnapshot().Generation;
        breakers.Listen(Record);
    }

    /// <summary>The clock of every breaker in the container. It stands still until it is advanced.</summary>
    public FakeTimeProvider Clock { get; }

    /// <summary>How long to wait, by the real clock, before a test fails. Default 30 seconds, which only a failing test reaches.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Every transition since the harness was created, in order.</summary>
    public IReadOnlyList<Transition> Transitions => [.. _transitions];

    /// <summary>
    /// Waits, without letting time pass, until a breaker is in a state and <see cref="Transitions"/> contains the transition to it.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such breaker.</exception>
    /// <exception cref="TimeoutException">
    /// It took longer than <see cref="Patience"/>; the message lists every breaker and endpoint.
    /// </exception>
    public Task UntilAsync(string breaker, BreakerState state, CancellationToken cancellationToken = default)
    {
        var watched = _breakers[breaker];
        return UntilAsync(
            () => watched.GetSnapshot() is var now && now.State == state && _recorded[breaker] >= now.Generation,
            $"breaker '{breaker}' to be {state}",
            cancellationToken);
    }

    /// <summary>Waits, without letting time pass, until a condition is true.</summary>
    /// <param name="condition">The condition; called often.</param>
    /// <param name="awaited">Completes the sentence "Waited for ..., which did not happen.".</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">
    /// It took longer than <see cref="Patience"/>; the message lists every breaker and endpoint.
    /// </exception>
    public async Task UntilAsync(Func<bool> condition, string awaited, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
                throw new TimeoutException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Waited {Patience.TotalSeconds:0.#} s for {awaited}, which did not happen. {string.Join("; ", _breakers.Breakers.Select(breaker => breaker.GetSnapshot()))}; {string.Join("; ", _endpoints.Endpoints)}"));
            // The bus runs on real threads, whatever the breakers' clock shows.
            await Task.Delay(Look, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Lets time pass, a quarter of a second at a time, until a condition is true: breaks end, held messages run again.</summary>
    /// <inheritdoc cref="UntilAsync(Func{bool}, string, CancellationToken)"/>
    public Task PassTimeUntilAsync(Func<bool> condition, string awaited, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return UntilAsync(
            () =>
            {
                if (condition())
                    return true;
                Clock.Advance(Step);
                return false;
            },
            awaited,
            cancellationToken);
    }

    /// <summary>
    /// Lets exactly as much time pass as a breaker's break, or an isolation with an expiry, needs to end, so that the breaker goes to
    /// HalfOpen.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such breaker.</exception>
    /// <exception cref="InvalidOperationException">It is neither open nor isolated with an expiry; the message has its state.</exception>
    public void EndBreak(string breaker)
    {
        var snapshot = _breakers[breaker].GetSnapshot();
        if (snapshot.NextProbeAt is not { } end)
            throw new InvalidOperationException($"Breaker '{breaker}' is not in a break: it is {snapshot.State} ({snapshot.Reason}).");
        // To the end of the unit in which the breaker counts.
        Clock.Advance(end - Clock.GetUtcNow() + TimeSpan.FromMilliseconds(1));
    }

    void Record(Transition transition)
    {
        _transitions.Enqueue(transition);
        _recorded[transition.Breaker] = transition.Generation;
    }
}
