using System.Globalization;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Windows;

/// <summary>
/// What a window does to its breaker or endpoint. A hold of an operator or another window that lasts at least as long stays as it is.
/// </summary>
sealed class WindowActions(BreakerRegistry breakers, EndpointRegistry endpoints, TimeProvider time)
{
    /// <summary>Allows for two clocks that differ.</summary>
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>Whether this process has the window's breaker or endpoint.</summary>
    public bool Has(PlannedWindow window) => window.Breaker is { } breaker ? breakers.Find(breaker) is not null : FindHold(window.Endpoint!, out _);

    /// <returns>A remark for the log; empty if there is none.</returns>
    public async Task<string> BeginAsync(PlannedWindow window)
    {
        var left = window.End - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
            return "it was over before any instance could act";
        if (window.Breaker is { } name)
            return Isolate(breakers.Get(name), window, left);
        FindHold(window.Endpoint!, out var hold);
        if (hold is not null && Lasts(hold.Until, window))
            return $"the endpoint is already held, by {hold.Holder}: {hold.Reason}";
        var outcome = await endpoints.PauseAsync(window.Endpoint!, window.Reason, left, WhoOf(window)).ConfigureAwait(false);
        return outcome == HoldOutcome.FleetWhenStoreIsBack ? "the store is out of reach: the endpoint is held on this instance, and the fleet will be told when the store is back" : "";
    }

    /// <summary>Ends what the window has begun, if it is still the window's.</summary>
    public async Task EndAsync(PlannedWindow window, string? by)
    {
        var who = by is null ? "" : $" by {by}";
        if (window.Breaker is { } name && breakers.Find(name) is { State: BreakerState.Isolated } breaker
            && breaker.GetSnapshot().Reason.Contains(ReasonOf(window), StringComparison.Ordinal))
            breaker.Release($"{WhoOf(window)} was removed{who}");
        else if (window.Endpoint is { } endpoint && FindHold(endpoint, out var hold) && hold?.By == WhoOf(window))
            await endpoints.ResumeAsync(endpoint, by ?? WhoOf(window)).ConfigureAwait(false);
    }

    static string Isolate(CircuitBreaker breaker, PlannedWindow window, TimeSpan left)
    {
        var snapshot = breaker.GetSnapshot();
        if (snapshot.State == BreakerState.Isolated && Lasts(snapshot.NextProbeAt, window))
            return $"the breaker is already isolated: {snapshot.Reason}";
        try
        {
            breaker.Isolate(ReasonOf(window), left);
            return "";
        }
        catch (InvalidOperationException)
        {
            return "nothing was done, because the breaker is disabled";
        }
    }

    static bool Lasts(DateTimeOffset? until, PlannedWindow window) => until is null || until >= window.End - Slack;

    static string WhoOf(PlannedWindow window) => $"window {window.Name}";

    static string ReasonOf(PlannedWindow window) => string.Create(CultureInfo.InvariantCulture, $"window {window.Name}: {window.Reason}");

    bool FindHold(string endpoint, out EndpointHold? hold)
    {
        var found = endpoints.Endpoints.FirstOrDefault(known => string.Equals(known.Name, endpoint, StringComparison.OrdinalIgnoreCase));
        hold = found?.Hold;
        return found is not null;
    }
}
