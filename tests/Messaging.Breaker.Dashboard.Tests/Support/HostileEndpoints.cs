using System.Collections.Concurrent;

namespace Messaging.Breaker.Dashboard.Tests.Support;

/// <summary>Endpoints with names that no single transport would allow, and holds with unsanitised reasons.</summary>
sealed class HostileEndpoints : IEndpointRegistry
{
    static readonly DateTimeOffset Since = DateTimeOffset.UnixEpoch;

    readonly ConcurrentDictionary<string, string> _holds = new(HostileTexts.Reasons.Zip(HostileTexts.QueueNames, (reason, name) => KeyValuePair.Create(name, reason)));

    public IReadOnlyList<EndpointSnapshot> Endpoints =>
    [
        .. HostileTexts.QueueNames.Select((name, index) => new EndpointSnapshot
        {
            Name = name,
            Address = new Uri($"loopback://localhost/{index}"),
            State = EndpointState.Running,
            Breakers = HostileTexts.BreakerNames,
            Hold = _holds.TryGetValue(name, out var reason) ? new EndpointHold(reason, Since, null) : null,
            Handled = 0,
        }),
    ];

    public string? HoldOf(string endpoint) => _holds.GetValueOrDefault(endpoint);

    public void Pause(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false) => _holds[endpoint] = reason;

    public Task<HoldOutcome> PauseAsync(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false)
    {
        Pause(endpoint, reason);
        return Task.FromResult(HoldOutcome.ThisInstance);
    }

    public void Resume(string endpoint, string? by = null, bool thisInstanceOnly = false) =>
        Assert.True(_holds.TryRemove(endpoint, out _), $"'{endpoint}' is not held.");

    public Task<HoldOutcome> ResumeAsync(string endpoint, string? by = null, bool thisInstanceOnly = false)
    {
        Resume(endpoint);
        return Task.FromResult(HoldOutcome.ThisInstance);
    }
}
