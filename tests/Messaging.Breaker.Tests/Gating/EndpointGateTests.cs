using System.Diagnostics.Metrics;
using MassTransit;
using MassTransit.Events;
using Messaging.Breaker.Consuming;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Breaker.Tests.Gating;

public sealed class EndpointGateTests : IDisposable
{
    static readonly Uri Address = new("queue:work");

    readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    readonly ConsumeSpans _spans = new();

    [Fact]
    public async Task A_start_that_ends_after_the_bus_was_stopped_begins_nothing()
    {
        var gate = CreateGate();
        await BecomeReadyAsync(gate);
        Assert.Equal(EndpointState.Running, gate.GetSnapshot().State);

        gate.IsBusStopped = true;
        await gate.CloseAsync();
        await BecomeReadyAsync(gate);
        Assert.Equal(EndpointState.Stopped, gate.GetSnapshot().State);

        gate.IsBusStopped = false;
        await BecomeReadyAsync(gate);
        Assert.Equal(EndpointState.Running, gate.GetSnapshot().State);
        await gate.CloseAsync();
    }

    [Fact]
    public async Task Where_a_message_cannot_go_back_a_stop_does_not_take_its_turn_away()
    {
        var gate = CreateGate();
        await BecomeReadyAsync(gate);
        await gate.CloseAsync();
        Assert.True(gate.Stopping.IsCancellationRequested);
        var guards = new EndpointGuards(TimeProvider.System);
        Assert.False(new Admission(guards, gate, new FailureHistories(), new KeyPlaces(guards, gate, () => 1)).Stopping.CanBeCanceled);
    }

    public void Dispose()
    {
        _spans.Dispose();
        _services.Dispose();
    }

    static Task BecomeReadyAsync(IReceiveEndpointObserver gate) => gate.Ready(new ReceiveEndpointReadyEvent(Address, null!, true));

    EndpointGate CreateGate() => new(
        "work",
        Address,
        new EndpointOwner(),
        new HoldingTransport(),
        TimeProvider.System,
        new EndpointTelemetry("work", new BreakerMeter(_services.GetRequiredService<IMeterFactory>()), _spans, TimeProvider.System),
        NullLogger.Instance);
}
