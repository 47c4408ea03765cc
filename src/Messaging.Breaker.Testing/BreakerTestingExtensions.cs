using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Testing;

/// <summary>How a test's container gets a fake clock for its breakers.</summary>
public static class BreakerTestingExtensions
{
    /// <summary>
    /// Puts every breaker of the container on a fake clock, and adds <see cref="BreakerTestHarness"/>. Replaces the container's
    /// <see cref="TimeProvider"/>; call it beside AddMessagingBreaker, in any order. Goes with MassTransit's own AddMassTransitTestHarness.
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
