using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Sharing;

/// <summary>The fleet's holds for a caller that is not a member: each call asks the store.</summary>
sealed class StoreHolds(FleetStore store, FleetRegistration registration, TimeProvider time, ILoggerFactory loggers) : IFleetHolds
{
    const int MostTries = 10;

    readonly Lazy<Fleet> _fleet = new(() => new Fleet(store.Open(), registration.Options, time, loggers.CreateLog()));

    public async Task<EndpointHold?> FindAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        var known = await ReadAsync(endpoint, cancellationToken).ConfigureAwait(false);
        return known.FindHold(time);
    }

    public Task PauseAsync(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        return TellAsync(endpoint, HoldOrders.Check(endpoint, reason, expiry, by, time), expiry, HoldOrders.Tidy(by), cancellationToken);
    }

    public Task ResumeAsync(string endpoint, string? by = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        return TellAsync(endpoint, null, null, HoldOrders.Tidy(by), cancellationToken);
    }

    async Task TellAsync(string endpoint, EndpointHold? hold, TimeSpan? expiry, string? by, CancellationToken cancellationToken)
    {
        var known = await ReadAsync(endpoint, cancellationToken).ConfigureAwait(false);
        var order = new HoldOrder(hold, by, _fleet.Value.Instance, null, null, null, IsReminder: false);
        for (var tries = 0; tries < MostTries; tries++)
            if (await known.ChangeAsync(order.Next(known, expiry), cancellationToken).ConfigureAwait(false))
                return;
        throw new InvalidOperationException($"The fleet's store refused to {(hold is null ? "resume" : "pause")} endpoint '{endpoint}' {MostTries} times in a row.");
    }

    async Task<KnownState> ReadAsync(string endpoint, CancellationToken cancellationToken)
    {
        var known = new KnownState(HoldName.Of(endpoint), _fleet.Value, time);
        await known.ReadAsync(cancellationToken).ConfigureAwait(false);
        return known;
    }
}
