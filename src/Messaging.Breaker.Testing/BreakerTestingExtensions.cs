using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Testing;

/// <summary>Adds a fake clock for the breakers to a test's container.</summary>
public static class BreakerTestingExtensions
{
    /// <summary>
    /// Puts every breaker of the container on a fake clock, and adds <see cref="BreakerTestHarness"/>. Replaces the container's
    /// <see cref="TimeProvider"/>. Call it together with AddMessagingBreaker, in any order. Works with MassTransit's own
    /// AddMassTransitTestHarness.
    /// </summary>
    public static IServiceCollection AddBreakerTestHarness(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<FakeTimeProvider>();
        services.Replace(ServiceDescriptor.Singleton<TimeProvider>(provider => provider.GetRequiredService<FakeTimeProvider>()));
        services.TryAddSingleton(provider => new BreakerTestHarness(
            provider.GetRequiredService<BreakerRegistry>(),
            provider.GetRequiredService<EndpointRegistry>(),
            provider.GetRequiredService<FakeTimeProvider>()));
        return services;
    }
}
