using MassTransit;

namespace Messaging.Breaker.DeadLetters;

/// <summary>Observes which messages of a guarded endpoint end in <c>_error</c>.</summary>
sealed class FaultObserver(string queue, TripRecorder trips, IEndpointRegistry endpoints) : IReceiveEndpointObserver, IReceiveObserver
{
    readonly EndpointFaults _faults = trips.Of(queue);
    IReceiveEndpoint? _observed;

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        if (endpoints.Endpoints.Any(endpoint => endpoint.Name == queue) && Interlocked.Exchange(ref _observed, ready.ReceiveEndpoint) != ready.ReceiveEndpoint)
            ready.ReceiveEndpoint.ConnectReceiveObserver(this);
        return Task.CompletedTask;
    }

    Task IReceiveObserver.PostReceive(ReceiveContext context)
    {
        if (context.CancellationToken.IsCancellationRequested)
            return Task.CompletedTask;
        if (!context.IsFaulted)
            _faults.Handle();
        else if (ConsumerFaults.Find(context) is { } exception)
            trips.Add(queue, _faults, FaultDetails.Of(exception));
        return Task.CompletedTask;
    }

    Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception)
    {
        if (context.IsFaulted && !context.CancellationToken.IsCancellationRequested)
            trips.Add(queue, _faults, FaultDetails.Of(exception));
        return Task.CompletedTask;
    }

    Task IReceiveObserver.PreReceive(ReceiveContext context) => Task.CompletedTask;

    Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
    {
        ConsumerFaults.Remember(context.ReceiveContext, exception);
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
}
