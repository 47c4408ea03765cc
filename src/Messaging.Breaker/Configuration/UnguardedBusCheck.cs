using System.Collections;
using System.Reflection;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Configuration;

/// <summary>
/// Refuses a bus that has a consumer with <see cref="GuardedByAttribute"/> or <see cref="GuardedByAnyAttribute"/> but no guard. Otherwise an
/// endpoint would be unguarded without anybody noticing before the first outage. The bus's probe lists what it consumes; registered consumers
/// without an endpoint do not matter.
/// </summary>
sealed class UnguardedBusCheck(IServiceProvider container, GuardedBuses guarded) : IBusObserver
{
    static readonly Type[] Definitions = [typeof(IConsumerDefinition<>), typeof(ISagaDefinition<>), typeof(IActivityDefinition<,,>), typeof(IExecuteActivityDefinition<,>)];

    static readonly Type[] SagaMessages = [typeof(InitiatedBy<>), typeof(Orchestrates<>), typeof(InitiatedByOrOrchestrates<>), typeof(Observes<,>)];

    bool IsHarness => container.GetService<IServiceProviderIsService>()?.IsService(typeof(ITestHarness)) == true;

    void IBusObserver.PostCreate(IBus bus)
    {
        var isGuarded = guarded.Contains(bus);
        if (!isGuarded && ((IBusControl)bus).CheckHealth().Endpoints.Keys.Any(address => address != bus.Address.ToString()))
            guarded.IsOneUnguarded = true;
        var meant = Meant().Where(type => !isGuarded || IsDefinition(type)).ToList();
        if (meant.Count == 0)
            return;
        var consumed = Texts(bus.GetProbeResult().Results).ToHashSet();
        meant.RemoveAll(type => !IsNamedIn(consumed, type));
        if (meant.Find(IsDefinition) is { } definition)
            throw new RefusedBusException(
                $"{Describe(definition)} has no effect on a definition: put the attribute on the consumer, or call endpointConfigurator.UseBreaker(...) in the definition.");
        if (meant.Count > 0)
            throw new RefusedBusException(
                $"{string.Join(", ", meant.Select(Describe))} would have no effect: call UseMessagingBreaker(context) on bus {bus.Address}, before its endpoints are declared."
                + (IsHarness ? " AddMassTransitTestHarness has replaced the bus that the application configures: give the harness one of its own that calls it, by "
                    + "bus.UsingInMemory((context, memory) => { memory.UseMessagingBreaker(context); memory.ConfigureEndpoints(context); })." : ""));
    }

    void IBusObserver.CreateFaulted(Exception exception) => RefusedBusException.Surface(exception);

    Task IBusObserver.PreStart(IBus bus) => Task.CompletedTask;

    Task IBusObserver.PostStart(IBus bus, Task<BusReady> busReady) => Task.CompletedTask;

    Task IBusObserver.StartFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    Task IBusObserver.PreStop(IBus bus) => Task.CompletedTask;

    Task IBusObserver.PostStop(IBus bus) => Task.CompletedTask;

    Task IBusObserver.StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    /// <summary>Every type that has the attribute, whether this bus consumes it or not.</summary>
    static IEnumerable<Type> Meant()
    {
        var own = typeof(GuardedByAttribute).Assembly.GetName().Name;
        return AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => !assembly.IsDynamic && assembly.GetReferencedAssemblies().Any(reference => reference.Name == own))
            .SelectMany(TypesOf)
            .Where(type => !type.IsAbstract && (Attribute.IsDefined(type, typeof(GuardedByAttribute)) || Attribute.IsDefined(type, typeof(GuardedByAnyAttribute))));
    }

    static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            return [.. exception.Types.OfType<Type>()];
        }
    }

    /// <summary>
    /// How a probe names it: usually by its type, but a state machine by its instances, a definition by what it defines, and a saga by how it
    /// receives its messages, unlike any consumer.
    /// </summary>
    static IEnumerable<string> NamesOf(Type type)
    {
        yield return type.IsGenericTypeDefinition ? $"{type.FullName!.Split('`')[0]}<" : TypeCache.GetShortName(type);
        foreach (var implemented in type.GetInterfaces().Where(implemented => implemented is { IsGenericType: true, ContainsGenericParameters: false }))
        {
            var (kind, argument) = (implemented.GetGenericTypeDefinition(), implemented.GenericTypeArguments[0]);
            if (kind == typeof(SagaStateMachine<>) || Definitions.Contains(kind))
                yield return TypeCache.GetShortName(argument);
            else if (SagaMessages.Contains(kind) && type.IsAssignableTo(typeof(ISaga)))
                yield return $"Consume({TypeCache.GetShortName(argument)} message)";
        }
    }

    static bool IsNamedIn(HashSet<string> texts, Type type) => NamesOf(type).Any(name => name.EndsWith('<')
        ? texts.Any(text => text.StartsWith(name, StringComparison.Ordinal))
        : texts.Contains(name));

    static bool IsDefinition(Type type) =>
        Array.Exists(type.GetInterfaces(), implemented => implemented.IsGenericType && Definitions.Contains(implemented.GetGenericTypeDefinition()));

    static string Describe(Type type) => string.Join(", ", Attribute.GetCustomAttributes(type).Select(attribute => attribute switch
    {
        GuardedByAttribute one => $"[GuardedBy(\"{one.Breaker}\")]",
        GuardedByAnyAttribute any => $"[GuardedByAny({string.Join(", ", any.Breakers.Select(breaker => $"\"{breaker}\""))})]",
        _ => null,
    }).OfType<string>()) + $" of {type.Name}";

    static IEnumerable<string> Texts(object? value) => value switch
    {
        string text => [text],
        IDictionary values => values.Values.Cast<object?>().SelectMany(Texts),
        IEnumerable<KeyValuePair<string, object>> values => values.SelectMany(entry => Texts(entry.Value)),
        IEnumerable values => values.Cast<object?>().SelectMany(Texts),
        _ => [],
    };
}
