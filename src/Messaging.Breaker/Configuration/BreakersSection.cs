using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Configuration;

/// <summary>The section "Breakers" of the configuration: one child for each breaker, whose keys are the options' names.</summary>
sealed class BreakersSection(IConfiguration? configuration = null) : IPostConfigureOptions<BreakerOptions>
{
    const string Name = "Breakers";

    public IEnumerable<string> BreakerNames => configuration?.GetSection(Name).GetChildren().Select(child => child.Key) ?? [];

    public IConfiguration? Configuration => configuration;

    /// <summary>After what the code says, which it overrides.</summary>
    public void PostConfigure(string? name, BreakerOptions options)
    {
        try
        {
            // A misspelt option would otherwise be a default that nobody notices.
            configuration?.GetSection(Name).GetSection(name!).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new OptionsValidationException(
                name!, typeof(BreakerOptions), [$"Breaker '{name}': section {Name}:{name} cannot be read: {exception.Message}"]);
        }
    }
}
