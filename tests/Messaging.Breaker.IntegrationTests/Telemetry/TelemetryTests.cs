using System.Diagnostics;
using System.Diagnostics.Metrics;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.Telemetry;

/// <summary>The metrics and traces of an outage on a transport that returns messages.</summary>
public class TelemetryTests(BrokerFixture broker)
{
    [Fact]
    public async Task An_outage_shows_as_returns_and_a_pause_and_no_message_as_an_error()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node);
        using var measured = Listen(worker);
        // A host does this when it starts an exporter, which this host does not have.
        await worker.Services.GetRequiredService<BreakerTelemetry>().StartingAsync(TestContext.Current.CancellationToken);
        using var spans = new Spans();
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 50);
        await worker.UntilReopenedAsync();
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(50);
        await worker.UntilAsync(BreakerState.Closed);

        var returned = await Eventually.Is(
            () => spans.OfTrace.Where(span => span.Tags.ContainsKey("messaging.breaker.returned")).ToList(),
            all => all.Count == measured.Sum("messaging.breaker.returns", ("messaging.destination.name", worker.Queue)),
            "a span for each return");
        Assert.InRange(returned.Count, 10, 60);
        Assert.All(returned, span =>
        {
            Assert.True(span.IsReceive);
            Assert.Equal("first", span.Tags["messaging.breaker.name"]);
            Assert.False(string.IsNullOrEmpty((string?)span.Tags["messaging.breaker.reason"]));
        });
        Assert.DoesNotContain(spans.OfTrace, span => span.Source == "MassTransit" && span.Status == ActivityStatusCode.Error);
    }

    [Fact]
    public async Task The_metric_and_the_span_of_a_pause_cover_its_whole_length()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: TimeSpan.FromMinutes(10));
        using var measured = Listen(worker);
        using var spans = new Spans();
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 50);
        await worker.UntilPausedAsync(50);
        worker.Dependency.IsDown = false;
        Assert.Equal(0, measured.Count("messaging.breaker.pause.duration"));
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(50);

        var pause = await Eventually.Is(() => spans.Named($"{worker.Queue} pause").SingleOrDefault(), span => span is not null, "the span of the pause");
        Assert.Equal(1, measured.Count("messaging.breaker.pause.duration", ("messaging.destination.name", worker.Queue)));
        Assert.Equal(measured.Sum("messaging.breaker.pause.duration"), pause!.Duration.TotalSeconds, 0.1);
        Assert.Equal("paused by breaker 'first'", pause.Tags["messaging.breaker.reason"]);
    }

    /// <summary>If a span were current when the endpoint resumes, it would be the parent of every later message.</summary>
    [Fact]
    public async Task A_pause_is_no_parent_of_the_messages_after_it()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node);
        using var spans = new Spans();
        worker.Endpoints.Pause(worker.Queue, "test");
        await worker.UntilPausedAsync(0);
        await worker.SendAsync(0, 3);
        worker.Endpoints.Resume(worker.Queue);
        await worker.UntilHandledAsync(3);
        await Eventually.Is(() => spans.OfTrace.Count(span => span.IsReceive), count => count == 3, "the messages to be in the trace of their sender");
        Assert.NotEqual(spans.OfTrace[0].Trace, Assert.Single(spans.Named($"{worker.Queue} pause")).Trace);
    }

    [Fact]
    public async Task A_renewal_is_counted()
    {
        await using var worker = await TestWorker.StartAsync(
            broker.Node,
            breakDuration: TimeSpan.FromMilliseconds(100),
            configure: options => options.RetestDelay = TimeSpan.FromMilliseconds(10),
            endpoints: (test, context, rabbit) => rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.SetQuorumQueue();
                endpoint.SetQueueArgument("x-delivery-limit", 2);
                endpoint.UseBreaker("first");
                endpoint.ConfigureConsumer<Worker>(context);
            }));
        using var measured = Listen(worker);
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 5);
        await worker.UntilReopenedAsync(4);
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(5);
        Assert.InRange(measured.Sum("messaging.breaker.renewals", ("messaging.destination.name", worker.Queue)), 1, 1_000);
        Assert.Equal(0, measured.Count("messaging.breaker.renewals", ("error.type", "System.IO.IOException")));
    }

    static Measured Listen(TestWorker worker) => new(worker.Services.GetRequiredService<IMeterFactory>());
}
