using System.Reflection;
using System.Runtime.ExceptionServices;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// A channel that caps the prefetch of <c>BasicQos</c>, reports the consumer that <c>BasicConsume</c> adds, and passes on everything else. With
/// a cap of 0, the consumer considers itself started, but the broker does not know of it and delivers nothing.
/// </summary>
class CappedChannel : DispatchProxy
{
    const int PrefetchCount = 1;

    ChannelContext _channel = null!;
    ushort? _cap;
    Action<IAsyncBasicConsumer>? _onConsume;

    public static ChannelContext Over(ChannelContext channel, int? cap, Action<IAsyncBasicConsumer>? onConsume)
    {
        if (cap is null && onConsume is null)
            return channel;
        var capped = Create<ChannelContext, CappedChannel>();
        var proxy = (CappedChannel)(object)capped;
        (proxy._channel, proxy._cap, proxy._onConsume) = (channel, cap is { } most ? (ushort)Math.Clamp(most, 0, ushort.MaxValue) : null, onConsume);
        return capped;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(ChannelContext.BasicConsume) && args!.OfType<IAsyncBasicConsumer>().FirstOrDefault() is { } consumer)
            return _cap == 0 ? StartIdleAsync(consumer, args!.OfType<string>().Last()) : TellAsync((Task<string>)PassOn(targetMethod, args)!, consumer);
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

    // Not earlier: another prefetch count requested before this would change that of this consumer.
    async Task<string> TellAsync(Task<string> consuming, IAsyncBasicConsumer consumer)
    {
        var consumerTag = await consuming.ConfigureAwait(false);
        _onConsume?.Invoke(consumer);
        return consumerTag;
    }

    static async Task<string> StartIdleAsync(IAsyncBasicConsumer consumer, string consumerTag)
    {
        await consumer.HandleBasicConsumeOkAsync(consumerTag).ConfigureAwait(false);
        return consumerTag;
    }
}
