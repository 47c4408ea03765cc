using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker;

sealed class BreakerDashboardOptionsValidator(IOptions<AntiforgeryOptions> antiforgery) : IValidateOptions<BreakerDashboardOptions>
{
    static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    public ValidateOptionsResult Validate(string? name, BreakerDashboardOptions options)
    {
        var problems = new List<string>();
        if (options.History < Shortest || options.History > Longest)
            problems.Add($"Breaker dashboard: History is {options.History}; it must be from {Shortest} to {Longest}.");
        RequireText(options.ReadPolicy, nameof(options.ReadPolicy), "the name of a policy, or null for loopback only");
        RequireText(options.SteerPolicy, nameof(options.SteerPolicy), "the name of a policy, or null for loopback only");
        RequireText(options.BodyPolicy, nameof(options.BodyPolicy), "the name of a policy, or null to show bodies to nobody");
        RequireText(options.ServiceName, nameof(options.ServiceName), "a name, or null for the application's");
        if (antiforgery.Value.HeaderName is null)
            problems.Add("Breaker dashboard: AntiforgeryOptions.HeaderName is null, but steering sends its token in a header; set it to a name.");
        return problems.Count > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;

        void RequireText(string? value, string option, string remedy)
        {
            if (value is not null && string.IsNullOrWhiteSpace(value))
                problems.Add($"Breaker dashboard: {option} is '{value}'; it must be {remedy}.");
        }
    }
}
