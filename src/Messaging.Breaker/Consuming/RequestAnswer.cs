using MassTransit;
using MassTransit.Events;
using MassTransit.Metadata;

namespace Messaging.Breaker.Consuming;

/// <summary>The answer to a request that a breaker does not admit: the fault that a failing consumer would have sent.</summary>
static class RequestAnswer
{
    public static bool IsAwaited(ConsumeContext context) => context.RequestId is not null && context.ResponseAddress is not null;

    /// <summary>False if the message does not have this type.</summary>
    public static async Task<bool> TrySendAsync<TMessage>(ConsumeContext context, Exception exception) where TMessage : class
    {
        if (!context.TryGetMessage(out ConsumeContext<TMessage>? request))
            return false;
        await request.RespondAsync<Fault<TMessage>>(new FaultEvent<TMessage>(
            request.Message, request.MessageId, HostMetadataCache.Host, exception, [.. request.SupportedMessageTypes])).ConfigureAwait(false);
        // Otherwise the message would count as one without a consumer, and be skipped.
        await request.NotifyConsumed(context.ReceiveContext.ElapsedTime, nameof(RequestAnswer)).ConfigureAwait(false);
        return true;
    }
}
