using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.AtlasTests.Cases;

/// <summary>
/// What must hold for every row: an outage dead-letters nothing. If one message in twenty fails in the same way, it is dead-lettered.
/// </summary>
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
        await worker.UntilAsync(() => worker.Handled.Count == 5, "five messages to be handled before the outage");

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

    /// <summary>Sends other messages all the time, however busy the machine is. Without them, no message could be found at fault.</summary>
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
