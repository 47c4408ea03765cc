using System.Diagnostics;
using MassTransit;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Telemetry;
using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Telemetry;

public class SpanTests
{
    [Fact]
    public async Task A_returned_message_is_no_error_and_says_which_breaker_and_why()
    {
        var arrived = 0;
        await using var pipeline = await StartAsync(
            Pipeline.Works, endpoint: endpoint => endpoint.ConfigureReceive(pipe => pipe.UseExecute(_ => Interlocked.Increment(ref arrived))));
        using var spans = new Spans();
        pipeline.Breaker.Isolate("the provider moves");
        await pipeline.SendAsync(0, 3);
        await Eventually.Is(() => Volatile.Read(ref arrived), count => count == 3, "the messages to arrive");
        await pipeline.Bus.StopAsync(TestContext.Current.CancellationToken);
        var received = await Eventually.Is(() => spans.OfTrace.Where(span => span.IsReceive).ToList(), all => all.Count == 3, "three messages");
        Assert.All(received, span =>
        {
            Assert.NotEqual(ActivityStatusCode.Error, span.Status);
            Assert.Equal(true, span.Tags["messaging.breaker.returned"]);
            Assert.Equal("first", span.Tags["messaging.breaker.name"]);
            Assert.Equal("isolated", span.Tags["messaging.breaker.state"]);
            Assert.Equal("the provider moves", span.Tags["messaging.breaker.reason"]);
        });
    }

    [Fact]
    public async Task An_outage_leaves_no_span_of_a_message_as_an_error()
    {
        await using var pipeline = await StartAsync(Pipeline.Fails);
        using var spans = new Spans();
        await pipeline.SendAsync(0, 20);
        await pipeline.UntilAsync(BreakerState.Open);
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 20, "all messages to be handled");
        await Eventually.Is(() => spans.OfTrace.Count(span => span.IsReceive), count => count == 20, "the spans of all messages");

        Assert.Contains(spans.OfTrace, span => span.IsProcess && span.Tags.GetValueOrDefault("messaging.breaker.verdict") is "pending");
        Assert.DoesNotContain(spans.OfTrace, span => span.Source == "MassTransit" && span.Status == ActivityStatusCode.Error);
        Assert.Contains(spans.OfTrace, span => span.Name == "work verdict" && span.Tags["messaging.breaker.verdict"] is "return");
    }

    [Fact]
    public async Task A_failure_of_the_messages_own_is_an_error()
    {
        await using var pipeline = await StartAsync(Pipeline.Fails, options => options.Ignore<IOException>());
        using var spans = new Spans();
        await pipeline.SendAsync(0, 1);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 1, "the message in _error");
        var received = await Eventually.Is(() => spans.OfTrace.FirstOrDefault(span => span.Name == "work receive"), span => span is not null, "its span");
        Assert.Equal(ActivityStatusCode.Error, received!.Status);
        Assert.Equal("own", received.Tags["messaging.breaker.verdict"]);
    }

    /// <summary>Without this, the tests that find no error would prove nothing.</summary>
    [Fact]
    public async Task A_failure_that_no_breaker_judges_is_an_error_as_usual()
    {
        await using var pipeline = await StartAsync(Pipeline.Fails, options => options.WaitForVerdict = false);
        using var spans = new Spans();
        await pipeline.SendAsync(0, 1);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 1, "the message in _error");
        await Eventually.Is(
            () => spans.OfTrace.FirstOrDefault(span => span.IsProcess && span.Name.StartsWith("work ", StringComparison.Ordinal))?.Status,
            status => status == ActivityStatusCode.Error,
            "the error of its run");
    }

    [Fact]
    public async Task A_transition_is_a_span_with_its_reason_in_the_trace_of_the_message_that_caused_it()
    {
        await using var pipeline = await StartAsync(Pipeline.Fails);
        using var spans = new Spans();
        await pipeline.SendAsync(0, 10);
        await pipeline.UntilAsync(BreakerState.Open);
        var trip = await Eventually.Is(() => spans.OfTrace.SingleOrDefault(span => span.Name == "first open"), span => span is not null, "the trip");
        Assert.Equal("closed", trip!.Tags["messaging.breaker.previous_state"]);
        Assert.Equal("consecutive_failures", trip.Tags["messaging.breaker.cause"]);
        Assert.Equal("10 failures or slow calls in a row, mostly IOException: The dependency is down", trip.Tags["messaging.breaker.reason"]);
    }

    [Fact]
    public void Nobody_listens_to_spans_that_nobody_exports()
    {
        using var traced = new ActivitySource($"test-{Guid.NewGuid():N}");
        using var spans = new ConsumeSpans(traced.Name);
        spans.Listen();
        spans.StopUnlessOthersListen();
        Assert.False(spans.IsListening);
        Assert.False(traced.HasListeners());
    }

    [Fact]
    public void Spans_that_somebody_exports_are_listened_to()
    {
        using var traced = new ActivitySource($"test-{Guid.NewGuid():N}");
        using var spans = new ConsumeSpans(traced.Name);
        spans.Listen();
        using var exporter = new ActivityListener { ShouldListenTo = source => source.Name == traced.Name };
        ActivitySource.AddActivityListener(exporter);
        spans.StopUnlessOthersListen();
        Assert.True(spans.IsListening);
    }

    /// <summary>Starts the telemetry, as a host does before it starts an exporter.</summary>
    static async Task<Pipeline> StartAsync(
        Func<Work, CancellationToken, Task> dependency, Action<BreakerOptions>? options = null, Action<IReceiveEndpointConfigurator>? endpoint = null)
    {
        var pipeline = await Pipeline.StartAsync(dependency, options, endpoint);
        await pipeline.Services.GetRequiredService<BreakerTelemetry>().StartingAsync(TestContext.Current.CancellationToken);
        return pipeline;
    }
}
