using System.Diagnostics.Metrics;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Telemetry;
using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Telemetry;

public class CostTests
{
    const int Calls = 10_000;

    [Fact]
    public void The_closed_path_allocates_nothing_with_all_telemetry_registered()
    {
        using var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("payments")).BuildServiceProvider();
        _ = services.GetRequiredService<BreakerTelemetry>();
        var breaker = services.GetRequiredService<BreakerRegistry>().Get("payments");
        CountSuccesses(breaker);
        Assert.Equal(0, Allocated(() => CountSuccesses(breaker)));
    }

    [Fact]
    public void The_closed_path_allocates_nothing_even_with_a_listener()
    {
        using var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("payments")).BuildServiceProvider();
        _ = services.GetRequiredService<BreakerTelemetry>();
        using var measured = new Measured(services.GetRequiredService<IMeterFactory>());
        var breaker = services.GetRequiredService<BreakerRegistry>().Get("payments");
        CountSuccesses(breaker);
        Assert.Equal(0, Allocated(() => CountSuccesses(breaker)));
        Assert.Equal(2 * Calls, measured.Sum("messaging.breaker.outcomes", ("messaging.breaker.outcome", "success")));
    }

    /// <summary>No instrument is called between a success and the end of its message.</summary>
    [Fact]
    public async Task A_message_that_succeeds_makes_no_measurement()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        using var measured = new Measured(pipeline.Services.GetRequiredService<IMeterFactory>());
        await pipeline.SendAsync(0, 20);
        await pipeline.UntilHandledAsync(20);
        var observed = measured.Instruments.Where(instrument => instrument.IsObservable).Select(instrument => instrument.Name);
        Assert.All(measured.All, measurement => Assert.Contains(measurement.Metric, observed));
    }

    static void CountSuccesses(CircuitBreaker breaker)
    {
        for (var call = 0; call < Calls; call++)
        {
            var permit = breaker.TryAcquire();
            breaker.Record(permit, Outcome.Success, breaker.Now, 0, breaker.Now);
        }
    }

    static long Allocated(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
