using MassTransit;
using Messaging.Breaker.Breakers.Attempts;

namespace Messaging.Breaker.Consuming;

/// <summary>Notices messages of an endpoint that go to <c>_error</c> because they cannot be read. No filter sees them.</summary>
sealed class UnreadMessages(EndpointGuards guards) : IReceiveEndpointObserver, IReceiveObserver
{
    IReceiveEndpoint? _observed;

    /// <summary>The message was read, so its outcome is noticed elsewhere.</summary>
    public static void MarkRead(ReceiveContext context) => context.GetOrAddPayload(() => Mark.OfRead);

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        if (guards.Own is not null && Interlocked.Exchange(ref _observed, ready.ReceiveEndpoint) != ready.ReceiveEndpoint)
            ready.ReceiveEndpoint.ConnectReceiveObserver(this);
        return Task.CompletedTask;
    }

    Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception)
    {
        if (guards.Own is { } own && context.IsFaulted && !context.CancellationToken.IsCancellationRequested && !context.TryGetPayload(out Mark? _))
            own.DeadLetterUnread(InFlightMessage.KeyOf(context.GetMessageId(), context), exception);
        return Task.CompletedTask;
    }

    Task IReceiveObserver.PreReceive(ReceiveContext context) => Task.CompletedTask;

    Task IReceiveObserver.PostReceive(ReceiveContext context) => Task.CompletedTask;

    Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    sealed class Mark
    {
        public static Mark OfRead { get; } = new();
    }
}
