using MassTransit;
using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SampleWorkers.Hosting;
using SampleWorkers.Shop;
using Spectre.Console;

namespace SampleWorkers.Drill.Workers;

/// <summary>The only worker of a drill, in the drill's own process.</summary>
sealed class LocalWorker : IDrillWorkers
{
    readonly WorkerPlan _plan;
    readonly FleetTimeline _timeline;
    readonly IHost _host;
    readonly CancellationTokenSource _ending = new();
    Task _watching = Task.CompletedTask;
    PauseCounter? _pauses;

    public LocalWorker(WorkerPlan plan, FleetTimeline timeline, FleetLog logs, Action<IBusFactoryConfigurator> configureBus)
    {
        (_plan, _timeline) = (plan, timeline);
        _host = WorkerHost.Build(plan.Settings.Page, builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Information).AddProvider(logs.CreateProvider(plan.Name));
            builder.Services.AddShop(plan.ToShop(), new CountingLedger(), configureBus);
        });
    }

    public IPublishEndpoint Publisher => _host.Services.GetRequiredService<IBus>();

    public IDeadLetters? DeadLetters => _host.Services.GetRequiredService<IDeadLetters>();

    public int? Pauses => _pauses?.Pauses;

    public IReadOnlyList<string> Notes => [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _watching = WatchAsync(_host.Services.GetRequiredService<IBreakerRegistry>());
        await _host.StartAsync(cancellationToken);
        _pauses = new PauseCounter(_host.Services.GetRequiredService<IEndpointRegistry>(), ShopNames.ChargeQueue(_plan.Prefix));
        _watching = Task.WhenAll(_watching, _pauses.RunAsync(_ending.Token));
        if (_host.FindPage() is { } page)
            Terminal.Console.WriteLine($"The page of the breakers: {page}");
    }

    public async Task StopAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _ending.CancelAsync();
        await _watching;
    }

    public ValueTask DisposeAsync()
    {
        _host.Dispose();
        _ending.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task WatchAsync(IBreakerRegistry registry)
    {
        try
        {
            await foreach (var transition in registry.WatchAsync(_ending.Token))
                if (transition.Breaker == _plan.Breaker)
                    _timeline.Add(_plan.Name, transition);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
        }
    }
}
