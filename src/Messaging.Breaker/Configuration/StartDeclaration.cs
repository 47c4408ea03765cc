using System.Runtime.CompilerServices;
using MassTransit;

namespace Messaging.Breaker.Configuration;

/// <summary>The specification that <c>StartPaused</c> adds to an endpoint's configurator.</summary>
static class StartDeclaration
{
    static readonly ConditionalWeakTable<object, string> Reasons = [];

    public static void Declare(IReceiveEndpointConfigurator endpoint, string reason) => Reasons.AddOrUpdate(GuardDeclaration.KeyOf(endpoint), reason);

    /// <returns>Null if there is none.</returns>
    public static string? ReasonOf(IReceiveEndpointConfigurator endpoint) => Reasons.TryGetValue(GuardDeclaration.KeyOf(endpoint), out var reason) ? reason : null;
}
