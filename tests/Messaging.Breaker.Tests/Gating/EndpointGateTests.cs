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
    public async Task A_start_that_ends_after_the_bus_was_stopped_has_no_effect()
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

    /// <summary>
    /// Until the bus stops the endpoint, a start that is under way is let through: MassTransit does not restart an endpoint that it stopped
    /// before it was ready.
    /// </summary>
    [Fact]
    public async Task No_consumer_is_started_once_the_bus_stops_the_endpoint_until_the_bus_starts_again()
    {
        var gate = CreateGate();
        await BecomeReadyAsync(gate);
        gate.IsBusStopped = true;
        await gate.CloseAsync();
        gate.PrepareStart();

        await StopAsync(gate);
        Assert.Contains("'work'", Assert.Throws<OperationCanceledException>(() => gate.PrepareStart()).Message, StringComparison.Ordinal);

        gate.IsBusStopped = false;
        gate.PrepareStart();
        await BecomeReadyAsync(gate);
        Assert.Equal(EndpointState.Running, gate.GetSnapshot().State);
        await gate.CloseAsync();
    }

    [Fact]
    public async Task No_consumer_is_started_on_an_endpoint_that_was_removed()
    {
        var gate = CreateGate();
        await BecomeReadyAsync(gate);
        gate.Remove();
        Assert.Throws<OperationCanceledException>(() => gate.PrepareStart());
        await gate.CloseAsync();
    }

    [Fact]
    public async Task An_endpoint_that_only_its_owner_has_stopped_can_start_again()
    {
        var gate = CreateGate();
        await BecomeReadyAsync(gate);
        await StopAsync(gate);
        gate.PrepareStart();
        await BecomeReadyAsync(gate);
        Assert.Equal(EndpointState.Running, gate.GetSnapshot().State);
        await gate.CloseAsync();
    }

    [Fact]
    public async Task Where_a_message_cannot_be_returned_a_stop_does_not_cut_its_turn_short()
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

    static Task StopAsync(IReceiveEndpointObserver gate) => gate.Stopping(new ReceiveEndpointStoppingEvent(Address, null!, false));

    EndpointGate CreateGate() => new(
        "work",
        Address,
        new EndpointOwner(),
        new HoldingTransport(),
        TimeProvider.System,
        new EndpointTelemetry("work", new BreakerMeter(_services.GetRequiredService<IMeterFactory>()), _spans, TimeProvider.System),
        NullLogger.Instance);
}
