using Messaging.Breaker.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker;

/// <summary>Declares the breakers of a process. Used at start, by one thread.</summary>
public sealed class MessagingBreakerBuilder
{
    readonly BreakerNames _names;

    internal MessagingBreakerBuilder(IServiceCollection services, BreakerNames names) => (Services, _names) = (services, names);

    /// <summary>The services of the host, for extensions.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a breaker for one dependency. Its options may also be set, and are overridden, in configuration under <c>Breakers:{name}</c>;
    /// a breaker named only there is added, too.
    /// </summary>
    /// <param name="name">The dependency's name, as in "payments": letters, digits, '.', '_' and '-'. Compared without regard to case.</param>
    /// <param name="configure">Sets the options; without it the defaults serve.</param>
    /// <exception cref="ArgumentException">The name is malformed, or was added before.</exception>
    public MessagingBreakerBuilder Add(string name, Action<BreakerOptions>? configure = null)
    {
        _names.Add(name);
        if (configure is not null)
            Services.Configure(name, configure);
        return this;
    }
}
