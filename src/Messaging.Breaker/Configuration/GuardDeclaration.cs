using System.Runtime.CompilerServices;
using MassTransit;
using MassTransit.Configuration;

namespace Messaging.Breaker.Configuration;

/// <summary>
/// The specification that <c>UseBreaker</c> and <c>UseAnyBreaker</c> add to an endpoint's configurator for the bus's observer to pick up. As
/// part of the pipe it is validated with the endpoint, and fails if nothing picked it up. Otherwise an endpoint would be unguarded without
/// anybody noticing before the first outage.
/// </summary>
sealed class GuardDeclaration(string endpoint, IReadOnlyList<string> breakers) : IPipeSpecification<ConsumeContext>
{
    static readonly ConditionalWeakTable<object, List<GuardDeclaration>> Declared = [];

    readonly IReadOnlyList<string> _breakers = breakers;
    bool _isAdopted;

    /// <summary>The declaration as the user wrote it, for error messages.</summary>
    public static string Describe(IReadOnlyList<string> breakers) => breakers is [var only]
        ? $"UseBreaker(\"{only}\")"
        : $"UseAnyBreaker({string.Join(", ", breakers.Select(breaker => $"\"{breaker}\""))})";

    /// <param name="configurator">The endpoint.</param>
    /// <param name="breakers">One breaker, or several alternatives.</param>
    /// <exception cref="ConfigurationException">The configurator is not an endpoint's.</exception>
    public static void Declare(IReceiveEndpointConfigurator configurator, IReadOnlyList<string> breakers)
    {
        if (configurator is IMediatorConfigurator)
            throw new ConfigurationException(
                $"{Describe(breakers)}: the mediator has no queue for messages to wait in. Call the dependency through breaker.ExecuteAsync or "
                + "an HttpClient with AddBreaker: while the breaker is open, handlers fail at once with BreakerOpenException.");
        var declaration = new GuardDeclaration(EndpointName.Of(configurator), breakers);
        Declared.GetOrCreateValue(KeyOf(configurator)).Add(declaration);
        configurator.AddPrePipeSpecification(declaration);
    }

    public static IEnumerable<IReadOnlyList<string>> Adopt(IReceiveEndpointConfigurator configurator)
    {
        if (!Declared.TryGetValue(KeyOf(configurator), out var declarations))
            yield break;
        foreach (var declaration in declarations)
        {
            declaration._isAdopted = true;
            yield return declaration._breakers;
        }
    }

    public void Apply(IPipeBuilder<ConsumeContext> builder)
    {
        // The bus's observer adds the guard's filters.
    }

    public IEnumerable<ValidationResult> Validate()
    {
        if (!_isAdopted)
            yield return this.Failure(
                Describe(_breakers),
                $"on endpoint '{endpoint}' has no effect: call UseMessagingBreaker(context) on the bus, before its endpoints are declared");
    }

    /// <summary>The configurator of a rider is not the one that the bus has, but both have the same consume pipe.</summary>
    public static object KeyOf(IReceiveEndpointConfigurator configurator) => configurator is IEndpointConfiguration endpoint ? endpoint.Consume : configurator;
}
