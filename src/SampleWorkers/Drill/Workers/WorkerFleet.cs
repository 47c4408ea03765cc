using MassTransit;
using Messaging.Breaker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SampleWorkers.Hosting;
using SampleWorkers.Shop;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill.Workers;

/// <summary>Workers in processes of their own. They post the transitions of their breakers to a server of the drill.</summary>
sealed class WorkerFleet : IDrillWorkers
{
    readonly IReadOnlyList<WorkerPlan> _plans;
    readonly FleetTimeline _timeline;
    readonly FleetLog _logs;
    readonly IHost _publisher;
    readonly List<WorkerChild> _workers = [];
    LoopbackServer? _server;

    /// <param name="broker">Where the orders are published.</param>
    public WorkerFleet(IReadOnlyList<WorkerPlan> plans, BrokerAddress broker, FleetTimeline timeline, FleetLog logs)
    {
        (_plans, _timeline, _logs) = (plans, timeline, logs);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMassTransit(bus => bus.UseTransport(
            broker, (_, transport) => transport.UseShopNames(plans[0].Prefix)));
        _publisher = builder.Build();
    }

    public IPublishEndpoint Publisher => _publisher.Services.GetRequiredService<IBus>();

    public IDeadLetters? DeadLetters => null;

    public int? Pauses => null;

    public IReadOnlyList<string> Notes => [.. _workers.Select(worker => worker.Problem).OfType<string>()];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _server = await LoopbackServer.StartAsync(
            web => web.MapPost("/{worker}/transitions", (string worker, Transition transition) => Record(worker, transition)), cancellationToken);
        await _publisher.StartAsync(cancellationToken);
        foreach (var plan in _plans)
            _workers.Add(new WorkerChild(plan, new Uri(_server.Address, $"{plan.Name}/transitions"), _logs));
        await Task.WhenAll(_workers.Select(worker => worker.WaitUntilStartedAsync(cancellationToken)));
    }

    public async Task StopAsync()
    {
        await Task.WhenAll(_workers.Select(worker => worker.StopAsync()));
        await _publisher.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
            worker.Dispose();
        _publisher.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    void Record(string worker, Transition transition)
    {
        if (transition.Breaker == _plans[0].Breaker)
            _timeline.Add(worker, transition);
    }
}
