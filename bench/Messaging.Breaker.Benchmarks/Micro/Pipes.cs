using System.Diagnostics.Metrics;
using MassTransit;
using MassTransit.Transports.Components;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Consuming;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>A pipe for each breaker that a MassTransit user can put around a consumer, and one without any.</summary>
static class Pipes
{
    static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    public static IPipe<ConsumeContext> Bare(Func<Task> consumer) => Build(consumer);

    public static IPipe<ConsumeContext> MassTransitBreaker(Func<Task> consumer) => Build(consumer, pipe => pipe.UseCircuitBreaker(breaker =>
    {
        breaker.TripThreshold = 15;
        breaker.ActiveThreshold = 10;
    }));

    public static IPipe<ConsumeContext> KillSwitch(Func<Task> consumer) => Build(consumer, pipe => pipe.UseFilter(
        new ObserverFilter(new KillSwitch(new KillSwitchOptions().SetActivationThreshold(10).SetTripThreshold(15)))));

    public static IPipe<ConsumeContext> Polly(Func<Task> consumer) => Build(consumer, pipe => pipe.UseFilter(new PollyFilter()));

    /// <summary>Our filters in their order, on a transport that can return messages, such as RabbitMQ.</summary>
    public static IPipe<ConsumeContext> MessagingBreaker(Func<Task> consumer) => MessagingBreaker(
        consumer,
        new CircuitBreaker("payments", new BreakerOptions(), TimeProvider.System, Random.Shared, _ => { }),
        new EndpointTelemetry("pings", new BreakerMeter(Meters), new ConsumeSpans(), TimeProvider.System));

    /// <summary>The same filters in a started host, with every metric, span and health check registered and no listener.</summary>
    /// <param name="consumer">Handles the message.</param>
    /// <param name="configure">The options of the breaker.</param>
    public static IPipe<ConsumeContext> MessagingBreakerInHost(Func<Task> consumer, Action<BreakerOptions>? configure = null)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddMessagingBreaker(breakers => breakers.Add("payments", configure ?? (_ => { })));
        services.AddHealthChecks().AddMessagingBreaker();
        var provider = services.BuildServiceProvider();
        var telemetry = provider.GetRequiredService<BreakerTelemetry>();
        telemetry.StartingAsync(CancellationToken.None).GetAwaiter().GetResult();
        telemetry.StartedAsync(CancellationToken.None).GetAwaiter().GetResult();
        return MessagingBreaker(consumer, provider.GetRequiredService<BreakerRegistry>().Get("payments"), telemetry.Of("pings"));
    }

    static IPipe<ConsumeContext> MessagingBreaker(Func<Task> consumer, CircuitBreaker breaker, EndpointTelemetry telemetry)
    {
        var guards = new EndpointGuards(TimeProvider.System);
        guards.Consumes<Ping>();
        guards.GuardAll(breaker);
        var gate = new EndpointGate("pings", new Uri("queue:pings"), new NoBus(), new IdleTransport(), TimeProvider.System, telemetry, NullLogger.Instance);
        gate.Guard(new Alternatives([breaker]));
        var histories = new FailureHistories();
        var admission = new Admission(guards, gate, histories, new KeyPlaces(guards, gate, () => int.MaxValue));
        return Build(consumer, pipe =>
        {
            pipe.UseFilter(new AdmissionFilter(admission));
            pipe.UseFilter(new OutcomeFilter(admission, new FailureTriage(histories, gate, telemetry)));
            pipe.UseFilter(new StartFilter<ConsumeContext>(guards));
        });
    }

    static IPipe<ConsumeContext> Build(Func<Task> consumer, Action<IPipeConfigurator<ConsumeContext>>? breaker = null) => Pipe.New<ConsumeContext>(pipe =>
    {
        breaker?.Invoke(pipe);
        pipe.UseFilter(new ConsumerFilter(consumer));
    });

    sealed class ConsumerFilter(Func<Task> consumer) : IFilter<ConsumeContext>
    {
        public Task Send(ConsumeContext context, IPipe<ConsumeContext> next) => consumer();

        public void Probe(ProbeContext context) => context.CreateFilterScope("consumer");
    }

    sealed class NoBus : IEndpointOwner
    {
        public bool HasEnded => false;

        public IReceiveEndpoint? Find(Uri address) => null;
    }

    /// <summary>Nothing is ever paused here.</summary>
    sealed class IdleTransport : IEndpointTransport
    {
        public bool CanReturn => true;

        public int? Limit { get; set; }

        public bool HasConsumer { get; set; }

        public void Abandon(ReceiveContext context) => throw new NotSupportedException();

        public ValueTask<bool> ReturnAsync(ReceiveContext context, bool toEnd) => throw new NotSupportedException();

        public Task<bool> TryCancelAsync() => throw new NotSupportedException();

        public Task PutBackAsync() => throw new NotSupportedException();

        public void ReportHealthy(IReceiveEndpoint endpoint, string description) => throw new NotSupportedException();
    }
}
