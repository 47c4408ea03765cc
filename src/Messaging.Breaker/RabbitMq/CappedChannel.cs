using System.Reflection;
using System.Runtime.ExceptionServices;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// A channel whose <c>BasicQos</c> asks for no more than the cap, and that tells of the consumer which <c>BasicConsume</c> adds; everything it passes on.
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
        (proxy._channel, proxy._cap, proxy._onConsume) = (channel, cap is { } most ? (ushort)Math.Clamp(most, 1, ushort.MaxValue) : null, onConsume);
        return capped;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(ChannelContext.BasicQos) && args![PrefetchCount] is ushort wanted && (wanted == 0 || wanted > _cap) && _cap is { } cap)
            args[PrefetchCount] = cap;
        if (targetMethod.Name == nameof(ChannelContext.BasicConsume) && args!.OfType<IAsyncBasicConsumer>().FirstOrDefault() is { } consumer)
            _onConsume?.Invoke(consumer);
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
