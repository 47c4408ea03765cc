using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Dashboard.Access;

/// <summary>Otherwise a misspelt policy would be an error on the night when the page is first needed.</summary>
sealed class PolicyCheck(IOptions<BreakerDashboardOptions> options, IServiceProvider provider) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await CheckAsync(nameof(BreakerDashboardOptions.ReadPolicy), options.Value.ReadPolicy).ConfigureAwait(false);
        await CheckAsync(nameof(BreakerDashboardOptions.SteerPolicy), options.Value.SteerPolicy).ConfigureAwait(false);
        await CheckAsync(nameof(BreakerDashboardOptions.BodyPolicy), options.Value.BodyPolicy).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    async Task CheckAsync(string option, string? policy)
    {
        if (policy is null)
            return;
        var policies = provider.GetService<IAuthorizationPolicyProvider>();
        if (policies is null || await policies.GetPolicyAsync(policy).ConfigureAwait(false) is null)
            throw new OptionsValidationException(
                Options.DefaultName,
                typeof(BreakerDashboardOptions),
                [
                    $"Breaker dashboard: {option} names the authorization policy '{policy}', which does not exist. "
                    + $"Add it with services.AddAuthorizationBuilder().AddPolicy(\"{policy}\", ...).",
                ]);
    }
}
