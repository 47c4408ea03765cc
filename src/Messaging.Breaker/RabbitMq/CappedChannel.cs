using System.Reflection;
using System.Runtime.ExceptionServices;
using MassTransit.RabbitMqTransport;

namespace Messaging.Breaker.RabbitMq;

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
