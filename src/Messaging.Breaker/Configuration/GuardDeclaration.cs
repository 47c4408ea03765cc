using System.Runtime.CompilerServices;
using MassTransit;
using MassTransit.Configuration;

namespace Messaging.Breaker.Configuration;

/// <summary>
/// What <c>UseBreaker</c> leaves on an endpoint's configurator for the bus's observer to pick up. As part of the pipe it is validated with the
/// endpoint, and fails if nobody picked it up: an endpoint that silently goes unguarded would be found out in the first outage.
/// </summary>
sealed class GuardDeclaration(string endpoint, string breaker) : IPipeSpecification<ConsumeContext>
{
    static readonly ConditionalWeakTable<object, List<GuardDeclaration>> Declared = [];

    bool _isAdopted;

    public string Breaker => breaker;

    public static void Declare(IReceiveEndpointConfigurator configurator, string breaker)
    {
        var declaration = new GuardDeclaration(EndpointName.Of(configurator), breaker);
        Declared.GetOrCreateValue(KeyOf(configurator)).Add(declaration);
        configurator.AddPrePipeSpecification(declaration);
    }

    public static IEnumerable<string> Adopt(IReceiveEndpointConfigurator configurator)
    {
        if (!Declared.TryGetValue(KeyOf(configurator), out var declarations))
            yield break;
        foreach (var declaration in declarations)
        {
            declaration._isAdopted = true;
            yield return declaration.Breaker;
        }
    }

    public void Apply(IPipeBuilder<ConsumeContext> builder)
    {
        // The guard's filters are added by the bus's observer.
    }

    public IEnumerable<ValidationResult> Validate()
    {
        if (!_isAdopted)
            yield return this.Failure(
                $"UseBreaker(\"{breaker}\")",
                $"on endpoint '{endpoint}' has no effect: call UseMessagingBreaker(context) on the bus, before its endpoints are declared");
    }

    /// <summary>The configurator that a rider hands out is not the one that the bus has, but their consume pipe is the same.</summary>
    static object KeyOf(IReceiveEndpointConfigurator configurator) => configurator is IEndpointConfiguration endpoint ? endpoint.Consume : configurator;
}
