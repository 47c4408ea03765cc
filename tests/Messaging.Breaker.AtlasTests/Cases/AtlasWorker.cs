using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Messaging.Breaker.AtlasTests.Cases;

/// <param name="Queue">Tells the cases apart: all of them publish their faults to the same exchange.</param>
public sealed record Work(int Number, string Queue);

/// <summary>A worker service on a real broker with one queue and one guarded dependency. It records what happens.</summary>
sealed class AtlasWorker : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly IHost _host;
    readonly RabbitMqNode _node;
    readonly string _queue;
    readonly CancellationTokenSource _watching = new();
    readonly ConcurrentDictionary<int, int> _handled = new();
    readonly ConcurrentQueue<DateTimeOffset> _failures = new();
    readonly ConcurrentQueue<Transition> _transitions = new();
    int _faults;
    int _sent;

    AtlasWorker(IHost host, RabbitMqNode node, string queue) => (_host, _node, _queue) = (host, node, queue);

    public string Queue => _queue;

    public IBreaker Breaker => Breakers[Dependency.Name];

    public IBreakerRegistry Breakers => _host.Services.GetRequiredService<IBreakerRegistry>();

    public IEndpointRegistry Endpoints => _host.Services.GetRequiredService<IEndpointRegistry>();

    public int Sent => _sent;

    public ICollection<int> Handled => _handled.Keys;

    /// <summary>When the first message was handled; null if none was.</summary>
    public DateTimeOffset? FirstHandledAt { get; private set; }

    /// <summary>When handlers have failed since the outage began, in order.</summary>
    public IReadOnlyList<DateTimeOffset> Failures => [.. _failures];

    public IReadOnlyList<Transition> Transitions => [.. _transitions];

    public int Faults => Volatile.Read(ref _faults);

    public static async Task<AtlasWorker> StartAsync(
        RabbitMqNode node, Dependency dependency, bool isAttributed, ushort prefetch,
        Action<BreakerOptions>? configure = null, Action<IReceiveEndpointConfigurator>? endpoint = null, ILoggerProvider? log = null)
    {
        AtlasWorker? worker = null;
        var queue = $"atlas-{Guid.NewGuid():N}";
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(log is null ? LogLevel.None : LogLevel.Warning);
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMessagingBreaker(breakers => breakers.Add(Dependency.Name, options =>
        {
            options.BreakDuration = options.MaxBreakDuration = TimeSpan.FromMilliseconds(500);
            dependency.Configure(options);
            configure?.Invoke(options);
        }));
        dependency.IsAttributed = isAttributed;
        dependency.AddTo(builder.Services);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(node.AmqpAddress);
                rabbit.UseMessagingBreaker(context);
                rabbit.ReceiveEndpoint(queue, work =>
                {
                    work.ConfigureConsumeTopology = false;
                    work.PrefetchCount = prefetch;
                    work.UseBreaker(Dependency.Name);
                    endpoint?.Invoke(work);
                    work.Handler<Work>(message => worker!.HandleAsync(dependency, context, message));
                });
                rabbit.ReceiveEndpoint(queue + "-faults", faults => faults.Handler<Fault<Work>>(fault =>
                {
                    if (fault.Message.Message.Queue == queue)
                        Interlocked.Increment(ref worker!._faults);
                    return Task.CompletedTask;
                }));
            });
        });
        worker = new AtlasWorker(builder.Build(), node, queue);
        _ = worker.WatchAsync();
        await worker._host.StartAsync();
        return worker;
    }

    /// <summary>To be called before the outage: on a busy machine, a call may already have failed by its time-out.</summary>
    public void ForgetFailures() => _failures.Clear();

    public async Task SendAsync(int count)
    {
        var endpoint = await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"exchange:{_queue}"));
        foreach (var numbers in Enumerable.Range(_sent, count).Chunk(500))
            await Task.WhenAll(numbers.Select(number => endpoint.Send(new Work(number, _queue))));
        _sent += count;
    }

    /// <summary>Sends as a sender in another language does: raw JSON without an id.</summary>
    public async Task SendWithoutIdAsync(int count)
    {
        await PublishAsync("application/json", Enumerable.Range(_sent, count).Select(number => JsonSerializer.SerializeToUtf8Bytes(new Work(number, _queue))));
        _sent += count;
    }

    /// <summary>Sends as a sender does that has changed its format.</summary>
    public Task SendUnreadableAsync(int count) =>
        PublishAsync("application/vnd.masstransit+json", Enumerable.Range(0, count).Select(_ => Guid.NewGuid().ToByteArray()));

    public async Task<long> CountInErrorAsync() => (await _node.GetQueueAsync(_queue + "_error"))?.Ready ?? 0;

    public async Task<long> CountSkippedAsync() => (await _node.GetQueueAsync(_queue + "_skipped"))?.Ready ?? 0;

    public async Task UntilAsync(Func<bool> condition, string awaited)
    {
        try
        {
            await Eventually.Is(condition, awaited, Patience);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}; {this}; in _error: {await CountInErrorAsync()}", exception);
        }
    }

    /// <summary>Waits until that many messages were handled and that many are in <c>_error</c>.</summary>
    public async Task UntilAsync(int handled, int inError)
    {
        await UntilAsync(() => _handled.Count == handled, $"{handled} messages to be handled");
        await UntilInErrorAsync(count => count == inError, inError);
    }

    public async Task UntilInErrorAsync(Func<long, bool> condition, int expected)
    {
        try
        {
            await Eventually.Is(CountInErrorAsync, condition, $"{expected} messages in _error", Patience);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}; {this}; {await _node.GetQueueAsync(_queue)}", exception);
        }
    }

    public override string ToString() =>
        $"{_handled.Count} of {_sent} handled; failures: {string.Join(", ", _failures.Select(at => $"{at:ss.f}"))}; "
        + string.Join("; ", _transitions.Select(transition => $"{transition.At:ss.f} {transition.Breaker} {transition.To}: {transition.Reason}"));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await _watching.CancelAsync();
        _watching.Dispose();
        _host.Dispose();
    }

    async Task HandleAsync(Dependency dependency, IServiceProvider services, ConsumeContext<Work> context)
    {
        try
        {
            await dependency.HandleAsync(services, context.Message.Number, context.CancellationToken);
            FirstHandledAt ??= DateTimeOffset.UtcNow;
            _handled.AddOrUpdate(context.Message.Number, 1, (_, times) => times + 1);
        }
        catch
        {
            _failures.Enqueue(DateTimeOffset.UtcNow);
            throw;
        }
    }

    async Task PublishAsync(string contentType, IEnumerable<byte[]> bodies)
    {
        await using var connection = await new ConnectionFactory { Uri = _node.AmqpAddress }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var body in bodies)
            await channel.BasicPublishAsync("", _queue, true, new BasicProperties { ContentType = contentType }, body);
    }

    async Task WatchAsync()
    {
        await foreach (var transition in Breakers.WatchAsync(_watching.Token))
            _transitions.Enqueue(transition);
    }
}
