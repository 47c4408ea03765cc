using System.Diagnostics.CodeAnalysis;
using Messaging.Breaker.Dashboard.Access;
using Messaging.Breaker.Dashboard.Api;
using Messaging.Breaker.Dashboard.Api.DeadLetters;
using Messaging.Breaker.Dashboard.Fleet;
using Messaging.Breaker.Dashboard.Operators;
using Messaging.Breaker.Dashboard.Outages;
using Messaging.Breaker.Dashboard.State;
using Messaging.Breaker.Dashboard.Windows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker;

/// <summary>Adds the dashboard to a web application.</summary>
public static class BreakerDashboardExtensions
{
    /// <summary>Adds the services of the dashboard: its memory of the last minutes, and ASP.NET Core's anti-forgery tokens.</summary>
    /// <param name="services">The services to which AddMessagingBreaker adds the breakers.</param>
    /// <param name="configure">Sets the options; null to admit only requests from loopback. Can be called several times.</param>
    /// <returns>
    /// The services. An option that is out of range, or that names a policy that does not exist, stops the host at start.
    /// </returns>
    public static IServiceCollection AddMessagingBreakerDashboard(
        this IServiceCollection services, Action<BreakerDashboardOptions>? configure = null)
    {
        services.AddAntiforgery();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<StateReader>();
        services.TryAddSingleton<History>();
        services.TryAddSingleton<Recorder>();
        services.TryAddSingleton<AccessRule>();
        services.TryAddSingleton<Steering>();
        services.TryAddSingleton<EndpointOrders>();
        services.TryAddSingleton<KeyOrders>();
        services.TryAddSingleton<FleetPage>();
        services.TryAddSingleton<OutagePage>();
        services.TryAddSingleton<WindowOrders>();
        services.TryAddSingleton<OperatorPage>();
        services.TryAddSingleton<DeadLetterOrders>();
        services.TryAddSingleton<Routes>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BreakerDashboardOptions>, BreakerDashboardOptionsValidator>());
        if (!services.Any(service => service.ImplementationType == typeof(PolicyCheck)))
        {
            services.AddHostedService<PolicyCheck>();
            services.AddHostedService(provider => provider.GetService<IBreakerRegistry>() is not null
                ? provider.GetRequiredService<Recorder>()
                : throw new InvalidOperationException("AddMessagingBreakerDashboard() needs services.AddMessagingBreaker(...), which adds the breakers."));
        }

        var options = services.AddOptions<BreakerDashboardOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        return services;
    }

    /// <summary>
    /// Maps the dashboard, its JSON API and its stream of events. It refuses every request that does not come from loopback, unless the
    /// options name policies or you add one to the returned builder: <c>RequireAuthorization("operators")</c> there allows reading and
    /// steering.
    /// </summary>
    /// <param name="endpoints">The web application.</param>
    /// <param name="pattern">The path of the dashboard; everything else is below it.</param>
    /// <returns>A builder of conventions for all endpoints of the dashboard.</returns>
    /// <exception cref="InvalidOperationException">AddMessagingBreakerDashboard or AddMessagingBreaker was not called.</exception>
    public static IEndpointConventionBuilder MapMessagingBreaker(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/breakers")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider.GetRequiredService<IServiceProviderIsService>();
        Require(services.IsService(typeof(IBreakerRegistry)), "AddMessagingBreaker(...)");
        Require(services.IsService(typeof(Routes)), "AddMessagingBreakerDashboard()");
        return endpoints.ServiceProvider.GetRequiredService<Routes>().Map(endpoints.MapGroup(pattern));

        void Require(bool isThere, string call)
        {
            if (!isThere)
                throw new InvalidOperationException($"MapMessagingBreaker(\"{pattern}\") needs services.{call}, before the application is built.");
        }
    }
}
