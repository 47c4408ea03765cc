using System.Reflection;
using System.Runtime.ExceptionServices;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.RabbitMq.Partitions;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// A channel that caps the prefetch of <c>BasicQos</c>, reports the consumer that <c>BasicConsume</c> adds and notes its deliveries, and passes on
/// everything else. With a cap of 0, the consumer considers itself started, but the broker does not know of it and delivers nothing.
/// </summary>
class CappedChannel : DispatchProxy
{
    const int PrefetchCount = 1;

    ChannelContext _channel = null!;
    ushort? _cap;
    (DeliveryOrder Order, Action<IAsyncBasicConsumer> OnConsume)? _keys;

    public static ChannelContext Over(ChannelContext channel, int? cap, (DeliveryOrder Order, Action<IAsyncBasicConsumer> OnConsume)? keys)
    {
        if (cap is null && keys is null)
            return channel;
        var capped = Create<ChannelContext, CappedChannel>();
        var proxy = (CappedChannel)(object)capped;
        (proxy._channel, proxy._cap, proxy._keys) = (channel, cap is { } most ? (ushort)Math.Clamp(most, 0, ushort.MaxValue) : null, keys);
        return capped;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(ChannelContext.BasicConsume) && args!.OfType<IAsyncBasicConsumer>().FirstOrDefault() is { } consumer)
            return _cap == 0 ? StartIdleAsync(consumer, args!.OfType<string>().Last()) : StartAsync(targetMethod, args!, consumer);
        // A prefetch count of 0 means no limit.
        if (targetMethod.Name == nameof(ChannelContext.BasicQos) && args![PrefetchCount] is ushort wanted && (wanted == 0 || wanted > _cap) && _cap is > 0 and var cap)
            args[PrefetchCount] = cap;
        return PassOn(targetMethod, args);
    }

    object? PassOn(MethodInfo method, object?[]? args)
    {
        try
        {
            return method.Invoke(_channel, BindingFlags.DoNotWrapExceptions, null, args, null);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    async Task<string> StartAsync(MethodInfo consume, object?[] args, IAsyncBasicConsumer consumer)
    {
        if (_keys is { Order: var order })
            args[Array.IndexOf(args, consumer)] = new NumberedConsumer(consumer, order);
        var consumerTag = await ((Task<string>)PassOn(consume, args)!).ConfigureAwait(false);
        // Not earlier: another prefetch count requested before this would change that of this consumer.
        _keys?.OnConsume(consumer);
        return consumerTag;
    }

    static async Task<string> StartIdleAsync(IAsyncBasicConsumer consumer, string consumerTag)
    {
        await consumer.HandleBasicConsumeOkAsync(consumerTag).ConfigureAwait(false);
        return consumerTag;
    }
}
