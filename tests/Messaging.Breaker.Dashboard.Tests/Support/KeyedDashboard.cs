namespace Messaging.Breaker.Dashboard.Tests.Support;

/// <summary>A dashboard with a breaker "webhooks" that is split by customer.</summary>
static class KeyedDashboard
{
    /// <summary>Keys that nobody would choose.</summary>
    public static string[] HostileKeys { get; } =
    [
        .. HostileTexts.QueueNames, .. HostileTexts.BreakerNames, ".", "..", "../..", "../isolate", "%2e%2e", "%", "a+b", "a&key=b", " ", " acme ", "\u00A0", "\0", "a\0b", "\\",
        new('y', 10_000),
    ];

    public static Task<TestDashboard> StartAsync(Action<BreakerDashboardOptions>? configure = null) => TestDashboard.StartAsync(
        configure,
        services => services.AddMessagingBreaker(breakers => breakers.Add("webhooks", options => options.PartitionBy<TestDashboard.Order>(order => $"{order.Id}"))),
        guard: endpoint => endpoint.UseBreaker("webhooks"));

    public static IBreakerKeys KeysOf(TestDashboard dashboard) => dashboard.Breakers["webhooks"].Keys!;

    /// <summary>Adds healthy keys, so that the tripped ones stay below half of those in use.</summary>
    public static void AddHealthy(TestDashboard dashboard, int count)
    {
        foreach (var number in Enumerable.Range(1, count))
            _ = KeysOf(dashboard)[$"healthy customer {number}"].State;
    }

    public static string AddressOf(string action, string key) => $"api/breakers/webhooks/keys/{action}?key={Uri.EscapeDataString(key)}";
}
