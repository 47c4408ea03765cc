using System.Reflection;
using System.Runtime.CompilerServices;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// The parts of MassTransit that the library relies on although MassTransit does not guarantee them. They are checked when a bus is configured,
/// so that a version that changed them is refused then, and not noticed in the first outage.
/// </summary>
static class MassTransitInternals
{
    /// <exception cref="ConfigurationException">This version of MassTransit, or this mix of versions, does not work.</exception>
    public static void Check()
    {
        MassTransitVersions.Check();
        try
        {
            CheckMembers();
        }
        catch (Exception exception) when (exception is MissingMemberException or TypeLoadException)
        {
            var version = typeof(IBus).Assembly.GetName().Version;
            throw new ConfigurationException(
                $"Messaging.Breaker cannot work with MassTransit {version}: {exception.Message} Use a version in the range that the package declares.");
        }
    }

    /// <summary>
    /// The connection settings of an endpoint's bus; null in a version that keeps them elsewhere, where the user has to supply them.
    /// </summary>
    public static IRabbitMqHostConfiguration? HostOf(RabbitMqReceiveEndpointConfiguration endpoint) =>
        typeof(RabbitMqReceiveEndpointConfiguration).GetField("_hostConfiguration", BindingFlags.NonPublic | BindingFlags.Instance)?.GetValue(endpoint)
            as IRabbitMqHostConfiguration;

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void CheckMembers()
    {
        Demand(typeof(ReceiveEndpoint).GetProperty(nameof(ReceiveEndpoint.HealthResult))?.CanWrite == true, "ReceiveEndpoint.HealthResult cannot be set.");
        Demand(typeof(ReceiveEndpoint).GetProperty(nameof(ReceiveEndpoint.ObserverHandle))?.CanWrite == true, "ReceiveEndpoint.ObserverHandle cannot be set.");
        Demand(typeof(BaseReceiveContext).GetMethod(nameof(BaseReceiveContext.Cancel), []) is not null, "BaseReceiveContext.Cancel() is missing.");
        Demand(
            typeof(ChannelContext).GetMethod(nameof(ChannelContext.BasicQos), BindingFlags.Public | BindingFlags.Instance)?.GetParameters() is
                [_, { ParameterType: var count }, ..] && count == typeof(ushort),
            "ChannelContext.BasicQos has other parameters.");
        Demand(
            typeof(ChannelContext).GetMethod(nameof(ChannelContext.BasicConsume), BindingFlags.Public | BindingFlags.Instance)?.GetParameters()
                .Any(parameter => parameter.ParameterType == typeof(IAsyncBasicConsumer)) == true,
            "ChannelContext.BasicConsume has other parameters.");
    }

    static void Demand(bool holds, string problem)
    {
        if (!holds)
            throw new MissingMemberException(problem);
    }
}
