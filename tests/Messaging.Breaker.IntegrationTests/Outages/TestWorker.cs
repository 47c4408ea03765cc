using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.RabbitMq.Partitions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Messaging.Breaker.IntegrationTests.Outages;

/// <summary>A worker service on a real broker with breakers "first" and "second" and its own queues.</summary>
sealed class TestWorker : IAsyncDisposable
{
    readonly IHost _host;
    readonly RabbitMqNode _node;
    readonly CancellationTokenSource _watching = new();
    int _reopens;
    int _trips;

    TestWorker(IHost host, RabbitMqNode node, string queue) => (_host, _node, Queue) = (host, node, queue);

    public string Queue { get; }

    public string OtherQueue => Queue + "-other";

    public Dependencies Dependencies => _host.Services.GetRequiredService<Dependencies>();

    public Dependency Dependency => Dependencies.First;

    public IServiceProvider Services => _host.Services;

    public IBreaker Breaker => Breakers["first"];

    /// <summary>How often any breaker went from Closed to Open.</summary>
    public int Trips => Volatile.Read(ref _trips);

    public IBreakerRegistry Breakers => _host.Services.GetRequiredService<IBreakerRegistry>();

    public IEndpointRegistry Endpoints => _host.Services.GetRequiredService<IEndpointRegistry>();

    public IQueueMonitor Monitor => _host.Services.GetRequiredService<IQueueMonitor>();

    public IBusControl Bus => _host.Services.GetRequiredService<IBusControl>();

    public static async Task<TestWorker> StartAsync(
        RabbitMqNode node,
        bool quorum = false,
        TimeSpan? breakDuration = null,
        Action<BreakerOptions>? configure = null,
        Action<TestWorker, IBusRegistrationContext, IRabbitMqBusFactoryConfigurator>? endpoints = null,
        Fleet? fleet = null,
        Action<IServiceCollection>? services = null,
        Action<BusBreakerOptions>? options = null,
        string? queue = null,
        Uri? address = null)
    {
        TestWorker? worker = null;
        queue ??= fleet?.Queue ?? $"test-{Guid.NewGuid():N}";
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(fleet?.Dependencies ?? new Dependencies());
        // Messages sent before the queue is bound would be lost.
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMessagingBreaker(breakers => breakers
            .Add("first", options => Configure(options, breakDuration, configure))
            .Add("second", options => Configure(options, breakDuration, configure)));
        builder.Services.AddMessagingBreaker(fleet?.Share);
        services?.Invoke(builder.Services);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<Worker>();
            bus.AddConsumer<OtherWorker>();
            bus.AddConsumer<AttributedWorker>();
            bus.AddConsumer<CallingWorker>();
            bus.AddConsumer<DefinedWorker, DefinedWorkerDefinition>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(address ?? node.AmqpAddress);
                rabbit.PrefetchCount = 16;
                rabbit.UseMessagingBreaker(context, options);
                if (endpoints is not null)
                    endpoints(worker!, context, rabbit);
                else
                    worker!.AddQueue(context, rabbit, quorum);
            });
        });
        worker = new TestWorker(builder.Build(), node, queue);
        _ = worker.WatchAsync();
        await worker._host.StartAsync();
        return worker;
    }

    public void AddQueue(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit, bool quorum = false, params string[] breakers) =>
        rabbit.ReceiveEndpoint(Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            if (quorum)
                endpoint.SetQuorumQueue();
            foreach (var breaker in breakers.DefaultIfEmpty("first"))
                endpoint.UseBreaker(breaker);
            endpoint.ConfigureConsumer<Worker>(context);
        });

    public void AddOtherQueue(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit, string breaker) =>
        rabbit.ReceiveEndpoint(OtherQueue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.UseBreaker(breaker);
            endpoint.ConfigureConsumer<OtherWorker>(context);
        });

    public async Task SendAsync(int from, int count)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"exchange:{Queue}"));
        await Task.WhenAll(Enumerable.Range(from, count).Select(number => endpoint.Send(new Work(number))));
    }

    public async Task SendOtherAsync(int from, int count)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"exchange:{OtherQueue}"));
        await Task.WhenAll(Enumerable.Range(from, count).Select(number => endpoint.Send(new OtherWork(number))));
    }

    public Task<IBreaker> UntilAsync(BreakerState state) =>
        Eventually.Is(() => Breaker, breaker => breaker.State == state, $"the breaker to be {state}");

    /// <summary>Counts reopens, because HalfOpen may end before a test sees it.</summary>
    public Task UntilReopenedAsync(int times = 1) =>
        Eventually.Is(() => Volatile.Read(ref _reopens), reopens => reopens >= times, $"the breaker to reopen {times} times");

    public async Task UntilHandledAsync(int count)
    {
        try
        {
            await Eventually.Is(() => Dependency.Handled, handled => handled == count, $"{count} messages to be handled");
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(
                $"{exception.Message}; {await _node.GetQueueAsync(Queue)}; in _error: {await _node.GetQueueAsync($"{Queue}_error")}; "
                + $"{string.Join("; ", Endpoints.Endpoints)}; {string.Join("; ", Breakers.Breakers.Select(breaker => breaker.GetSnapshot()))}",
                exception);
        }
    }

    public Task UntilPausedAsync(long ready) => Eventually.Is(
        () => _node.GetQueueAsync(Queue),
        queue => queue is { Consumers: 0, Unacknowledged: 0 } && queue.Ready == ready,
        $"the queue to hold {ready} messages, with no consumer");

    /// <summary>Waits until every message has been handled or moved elsewhere.</summary>
    public Task UntilEmptyAsync() => Eventually.Is(() => _node.GetQueueAsync(Queue), queue => queue is { Ready: 0, Unacknowledged: 0 }, "the queue to be empty");

    /// <summary>The queue of a key of the breaker. It may not exist.</summary>
    public string ParkingQueue(string key) => new KeyNames(Queue).QueueOf(key);

    public Task<QueueFigures?> GetParkedAsync(string key) => _node.GetQueueAsync(ParkingQueue(key));

    public Task<QueueFigures?> GetFiguresAsync() => _node.GetQueueAsync(Queue);

    public async Task<long?> CountParkedAsync(string key) => (await _node.GetQueueAsync(ParkingQueue(key)))?.Ready;

    public async Task OnChannelAsync(Func<IChannel, Task> act)
    {
        await using var connection = await new ConnectionFactory { Uri = _node.AmqpAddress }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await act(channel);
    }

    public Task UntilConsumingAsync(string? queue = null) => Eventually.Is(
        () => _node.GetQueueAsync(queue ?? Queue), figures => figures is { Consumers: 1 }, "the endpoint to consume");

    /// <summary>Asserts that no message is where failed messages go.</summary>
    public async Task AssertNothingDeadLetteredAsync()
    {
        Assert.Null(await _node.GetQueueAsync($"{Queue}_error"));
        Assert.Null(await _node.GetQueueAsync($"{Queue}_skipped"));
    }

    public Task StopAsync() => _host.StopAsync();

    /// <summary>Disposes of the container without stopping the bus, as a host does when its start has failed.</summary>
    public ValueTask DisposeOfContainerAsync() => ((IAsyncDisposable)_host.Services).DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await _watching.CancelAsync();
        _watching.Dispose();
        _host.Dispose();
    }

    async Task WatchAsync()
    {
        await foreach (var transition in Breakers.WatchAsync(_watching.Token))
        {
            if (transition is { From: BreakerState.HalfOpen, To: BreakerState.Open })
                Interlocked.Increment(ref _reopens);
            if (transition is { From: BreakerState.Closed, To: BreakerState.Open })
                Interlocked.Increment(ref _trips);
        }
    }

    static void Configure(BreakerOptions options, TimeSpan? breakDuration, Action<BreakerOptions>? configure)
    {
        options.BreakDuration = breakDuration ?? TimeSpan.FromMilliseconds(500);
        options.MaxBreakDuration = options.BreakDuration;
        configure?.Invoke(options);
    }
}

/// <summary>What the workers of a fleet have in common.</summary>
sealed record Fleet(string Queue, Dependencies Dependencies, Action<MessagingBreakerBuilder> Share);
