using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.DeadLetters;

/// <summary>A worker and its dead letters. Messages with a fault end in <c>_error</c>.</summary>
sealed class Redriven : IAsyncDisposable
{
    readonly ConcurrentQueue<ConsumeContext<Work>> _received = new();

    Redriven(TestWorker worker) => Worker = worker;

    public TestWorker Worker { get; private set; }

    /// <summary>What is wrong with a message; null for nothing.</summary>
    public Func<int, Exception?> Fault { get; set; } = _ => null;

    /// <summary>Every received message, in order.</summary>
    public IReadOnlyCollection<ConsumeContext<Work>> Received => _received;

    public string Errors => $"{Worker.Queue}_error";

    public IDeadLetters DeadLetters => Worker.Services.GetRequiredService<IDeadLetters>();

    public static async Task<Redriven> StartAsync(
        RabbitMqNode node,
        bool quorum = false,
        string? queue = null,
        Action<BreakerOptions>? configure = null,
        Action<IRabbitMqReceiveEndpointConfigurator>? endpoint = null,
        Action<BusBreakerOptions>? options = null,
        Action<IServiceCollection>? services = null)
    {
        Redriven? redriven = null;
        var worker = await TestWorker.StartAsync(
            node,
            queue: queue,
            services: services,
            configure: breaker =>
            {
                breaker.Ignore<PoisonException>();
                configure?.Invoke(breaker);
            },
            options: bus =>
            {
                bus.EndpointBreaker = null;
                options?.Invoke(bus);
            },
            endpoints: (test, _, rabbit) => rabbit.ReceiveEndpoint(test.Queue, receive =>
            {
                receive.ConfigureConsumeTopology = false;
                if (quorum)
                    receive.SetQuorumQueue();
                endpoint?.Invoke(receive);
                receive.UseBreaker("first");
                receive.Handler<Work>(message => redriven!.HandleAsync(message));
            }));
        return redriven = new Redriven(worker);
    }

    public Task SendAsync(int from, int count) => Worker.SendAsync(from, count);

    /// <summary>Waits until that many messages are in <c>_error</c>.</summary>
    public Task UntilDeadAsync(RabbitMqNode node, long count) =>
        Eventually.Is(() => node.GetQueueAsync(Errors), queue => queue?.Ready == count, $"{count} messages to be in _error");

    public Task<DeadLetterRun> RedriveAsync(RedriveOrder? order = null, IProgress<DeadLetterRun>? progress = null, CancellationToken? cancellationToken = null) =>
        DeadLetters.RedriveAsync(Errors, order ?? new RedriveOrder { Reason = "test" }, progress, cancellationToken ?? TestContext.Current.CancellationToken);

    public Task<DeadLetterReport> LookAsync(LookOptions? options = null) => DeadLetters.LookAsync(Errors, options, cancellationToken: TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Worker.DisposeAsync();

    Task HandleAsync(ConsumeContext<Work> message)
    {
        _received.Enqueue(message);
        return Fault(message.Message.Number) is { } fault ? throw fault : Worker.Dependency.CallAsync(message.Message.Number, message.CancellationToken);
    }
}
