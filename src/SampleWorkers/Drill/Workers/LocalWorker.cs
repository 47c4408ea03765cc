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
    readonly string _name;
    readonly FleetTimeline _timeline;
    readonly IHost _host;
    readonly CancellationTokenSource _ending = new();
    Task _watching = Task.CompletedTask;

    public LocalWorker(WorkerPlan plan, FleetTimeline timeline, LogRecorder logs, Action<IBusFactoryConfigurator> configureBus)
    {
        (_name, _timeline) = (plan.Name, timeline);
        _host = WorkerHost.Build(plan.Settings.Page, builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Information).AddProvider(logs.CreateProvider(plan.Name));
            builder.Services.AddShop(plan.ToShop(), new CountingLedger(), configureBus);
        });
    }

    public IPublishEndpoint Publisher => _host.Services.GetRequiredService<IBus>();

    public IDeadLetters? DeadLetters => _host.Services.GetRequiredService<IDeadLetters>();

    public IReadOnlyList<string> Notes => [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _watching = WatchAsync(_host.Services.GetRequiredService<IBreakerRegistry>());
        await _host.StartAsync(cancellationToken);
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
                if (transition.Breaker == Dependencies.Payments)
                    _timeline.Add(_name, transition);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
        }
    }
}
