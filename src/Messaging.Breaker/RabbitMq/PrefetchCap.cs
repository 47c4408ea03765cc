using System.Globalization;
using System.Reflection;
using System.Runtime.ExceptionServices;
using MassTransit;
using MassTransit.RabbitMqTransport;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// Lowers the prefetch of the consumer that is about to be started. MassTransit fixes the count when it builds the endpoint, so the channel
/// that it sets it on is decorated; by a generated proxy, since other versions of MassTransit have other members.
/// </summary>
sealed class PrefetchCap(RabbitMqTransport transport) : IFilter<ChannelContext>
{
    public Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        transport.Channel = context;
        return next.Send(transport.Limit is { } limit ? CappedChannel.Over(context, (ushort)Math.Clamp(limit, 1, ushort.MaxValue)) : context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("prefetchCap").Add("limit", transport.Limit?.ToString(CultureInfo.InvariantCulture) ?? "none");
}

/// <summary>A channel whose <c>BasicQos</c> asks for no more than the cap; everything else it passes on.</summary>
class CappedChannel : DispatchProxy
{
    const int PrefetchCount = 1;

    ChannelContext _channel = null!;
    ushort _cap;

    public static ChannelContext Over(ChannelContext channel, ushort cap)
    {
        var capped = Create<ChannelContext, CappedChannel>();
        var proxy = (CappedChannel)(object)capped;
        (proxy._channel, proxy._cap) = (channel, cap);
        return capped;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(ChannelContext.BasicQos) && args![PrefetchCount] is ushort wanted && (wanted == 0 || wanted > _cap))
            args[PrefetchCount] = _cap;
        try
        {
            return targetMethod.Invoke(_channel, BindingFlags.DoNotWrapExceptions, null, args, null);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}
