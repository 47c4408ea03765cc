using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.AtlasTests.Cases;

/// <summary>What a row must come to: an outage dead-letters nothing, and the same failure of one message in twenty is that message's own.</summary>
static class Outage
{
    const int Bad = 4;

    static readonly TimeSpan LatestTrip = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    public static async Task OfEverybodyAsync(RabbitMqNode node, Row row, bool isAttributed, ushort prefetch)
    {
        await using var dependency = await row.Create();
        await using var worker = await AtlasWorker.StartAsync(node, dependency, isAttributed, prefetch);
        await worker.SendAsync(5);
        await worker.UntilAsync(() => worker.Handled.Count == 5, "five messages to be handled while all is well");

        worker.ForgetFailures();
        await dependency.FailAsync();
        await worker.SendAsync(prefetch == 1 ? 5 : 60);
        await worker.UntilAsync(() => worker.Transitions.Any(IsTrip), "a trip");
        await worker.SendAsync(5);
        await worker.UntilAsync(() => worker.Transitions.Any(IsReopening), "a round of probes to fail");
        await dependency.RecoverAsync();
        await worker.UntilAsync(() => worker.Handled.Count == worker.Sent, "all messages to be handled");
        await worker.UntilAsync(() => worker.Breaker.State == BreakerState.Closed, "the breaker to close");

        var trip = worker.Transitions.First(IsTrip).At;
        var enough = prefetch == 1 ? 3 : 30;
        if (worker.Failures.Count >= enough)
            Assert.True(trip - worker.Failures[enough - 1] <= LatestTrip, $"{worker}: tripped {trip - worker.Failures[enough - 1]} after failure {enough}");
        Assert.Equal((0, 0, 0), (await worker.CountInErrorAsync(), await worker.CountSkippedAsync(), worker.Faults));
    }

    public static async Task OfOneInTwentyAsync(RabbitMqNode node, Row row, bool isAttributed)
    {
        await using var dependency = await row.Create();
        dependency.IsBad = number => number < 20 * Bad && number % 20 == 7;
        await using var worker = await AtlasWorker.StartAsync(node, dependency, isAttributed, prefetch: 32);
        using var enough = new CancellationTokenSource();
        var others = SendSteadilyAsync(worker, enough.Token);
        try
        {
            await worker.UntilInErrorAsync(count => count >= Bad, Bad);
        }
        finally
        {
            await enough.CancelAsync();
            await others;
        }

        await worker.UntilAsync(() => worker.Handled.Count == worker.Sent - Bad, "all others to be handled");
        Assert.Equal(Bad, await worker.CountInErrorAsync());
        Assert.DoesNotContain(worker.Handled, number => dependency.IsBad(number));
        Assert.True(worker.Transitions.Count == 0, worker.ToString());
    }

    /// <summary>Others keep coming, however busy the machine is: without them nobody could tell.</summary>
    static async Task SendSteadilyAsync(AtlasWorker worker, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await worker.SendAsync(worker.Sent < 20 * Bad ? 10 : 2);
            await Task.Delay(Pace, enough).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    static bool IsTrip(Transition transition) => transition is { Breaker: Dependency.Name, From: BreakerState.Closed, To: BreakerState.Open };

    static bool IsReopening(Transition transition) => transition is { Breaker: Dependency.Name, From: BreakerState.HalfOpen, To: BreakerState.Open };
}
