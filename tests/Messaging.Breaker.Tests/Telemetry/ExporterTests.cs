using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;
using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Messaging.Breaker.Tests.Telemetry;

/// <summary>The real OpenTelemetry in a host, added before the breakers.</summary>
public class ExporterTests
{
    const string Queue = "exporter-tests";

    [Fact]
    public async Task An_exporter_that_is_started_with_the_host_sees_no_error_in_a_returned_message()
    {
        var exported = new Exported();
        var received = 0;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddOpenTelemetry().WithTracing(traces => traces.AddSource("MassTransit").AddProcessor(exported));
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments"));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                memory.ReceiveEndpoint(Queue, endpoint =>
                {
                    endpoint.UseBreaker("payments");
                    endpoint.ConfigureReceive(pipe => pipe.UseExecute(_ => Interlocked.Increment(ref received)));
                    endpoint.Handler<Work>(_ => Task.CompletedTask);
                });
            });
        });
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        host.Services.GetRequiredService<IBreakerRegistry>()["payments"].Isolate("test");
        var queue = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:{Queue}"));
        await queue.Send(new Work(1), TestContext.Current.CancellationToken);
        await Eventually.Is(() => Volatile.Read(ref received), count => count == 1, "the message to arrive");
        await host.StopAsync(TestContext.Current.CancellationToken);

        var (status, isReturned) = Assert.Single(exported.Received);
        Assert.True(isReturned);
        Assert.NotEqual(ActivityStatusCode.Error, status);
    }

    /// <summary>Like a simple exporter, it looks at a span only once, when it ends.</summary>
    sealed class Exported : BaseProcessor<Activity>
    {
        public ConcurrentQueue<(ActivityStatusCode Status, bool IsReturned)> Received { get; } = new();

        public override void OnEnd(Activity data)
        {
            if (data.OperationName == $"{Queue} receive")
                Received.Enqueue((data.Status, data.GetTagItem("messaging.breaker.returned") is true));
        }
    }
}
