using System.Diagnostics.Metrics;
using MassTransit;
using Messaging.Breaker.Consuming;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Tests.Gating;
using Messaging.Breaker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Breaker.Tests.Consuming;

/// <summary>Checks the figure in docs/performance.md, so that a change that allocates more fails here, not in a profile.</summary>
public class AllocationTests
{
    const int MostBytes = 352;
    const int Messages = 10_000;
    const int Rounds = 5;

    [Fact]
    public async Task A_message_that_is_handled_allocates_no_more_than_is_documented()
    {
        using var harness = new BreakerHarness();
        var guards = new EndpointGuards(harness.Clock);
        guards.Consumes<Work>();
        guards.GuardAll(harness.Breaker);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var spans = new ConsumeSpans();
        var telemetry = new EndpointTelemetry("work", new BreakerMeter(services.GetRequiredService<IMeterFactory>()), spans, harness.Clock);
        var gate = new EndpointGate("work", new Uri("queue:work"), new EndpointOwner(), new HoldingTransport(), harness.Clock, telemetry, NullLogger.Instance);
        var histories = new FailureHistories();
        var admission = new Admission(guards, gate, histories, new KeyPlaces(guards, gate, () => int.MaxValue));
        var pipe = Pipe.New<ConsumeContext>(configurator =>
        {
            configurator.UseFilter(new AdmissionFilter(admission));
            configurator.UseFilter(new OutcomeFilter(admission, new FailureTriage(histories, gate, telemetry)));
            configurator.UseFilter(new StartFilter<ConsumeContext>(guards));
        });

        var measured = new TaskCompletionSource<double>();
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, consume: (_, _, endpoint) => endpoint.Handler<Work>(context =>
        {
            // On a thread without the test's AsyncLocals: each of them would make ours allocate more.
            var thread = new Thread(() => measured.TrySetResult(Measure(pipe, context)));
            thread.UnsafeStart();
            thread.Join();
            return Task.CompletedTask;
        }));
        await pipeline.SendAsync(0, 1);
        Assert.InRange(await measured.Task.WaitAsync(TestContext.Current.CancellationToken), 1, MostBytes + 0.1);
    }

    /// <summary>Of several rounds, the least: the runtime allocates now and then, too.</summary>
    static double Measure(IPipe<ConsumeContext> pipe, ConsumeContext context)
    {
        SendAll(pipe, context);
        return Enumerable.Range(0, Rounds).Min(_ => MeasureRound(pipe, context));
    }

    static double MeasureRound(IPipe<ConsumeContext> pipe, ConsumeContext context)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        SendAll(pipe, context);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Messages;
    }

    static void SendAll(IPipe<ConsumeContext> pipe, ConsumeContext context)
    {
        for (var i = 0; i < Messages; i++)
            Assert.True(pipe.Send(context).IsCompletedSuccessfully);
    }
}
