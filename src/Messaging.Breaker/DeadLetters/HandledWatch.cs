using MassTransit;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// Observes the messages of one run in the endpoints of this instance. It is connected to them only while the run lasts, so that it costs other
/// messages nothing.
/// </summary>
sealed class HandledWatch(EndpointRegistry endpoints, Guid run, Action handled, Action<FaultDetails> failed, Action<FaultDetails> skipped) : IReceiveObserver, IDisposable
{
    readonly string _run = run.ToString("N");
    readonly List<ConnectHandle> _handles = [];

    /// <summary>Connects to the endpoint. Call it again to include an endpoint that starts later.</summary>
    public void Connect(string queue)
    {
        foreach (var gate in endpoints.Gates().Where(gate => gate.Name == queue))
            if (gate.Owner.Find(gate.Address) is { } endpoint)
                _handles.Add(endpoint.ConnectReceiveObserver(this));
    }

    public void Dispose() => _handles.ForEach(handle => handle.Disconnect());

    Task IReceiveObserver.PostReceive(ReceiveContext context)
    {
        if (!IsOfRun(context) || context.CancellationToken.IsCancellationRequested)
            return Task.CompletedTask;
        if (!context.IsDelivered && !context.IsFaulted)
            skipped(FaultDetails.OfSkipped);
        else if (!context.IsFaulted)
            handled();
        else if (ConsumerFaults.Find(context) is { } exception)
            failed(FaultDetails.Of(exception));
        return Task.CompletedTask;
    }

    Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception)
    {
        if (IsOfRun(context) && context.IsFaulted && !context.CancellationToken.IsCancellationRequested)
            failed(FaultDetails.Of(exception));
        return Task.CompletedTask;
    }

    Task IReceiveObserver.PreReceive(ReceiveContext context) => Task.CompletedTask;

    Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
    {
        ConsumerFaults.Remember(context.ReceiveContext, exception);
        return Task.CompletedTask;
    }

    bool IsOfRun(ReceiveContext context) =>
        context.TransportHeaders.TryGetHeader(RedriveHeaders.Run, out var value) && value is string named && named == _run;
}
