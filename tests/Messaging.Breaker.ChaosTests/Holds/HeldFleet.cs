using System.Diagnostics;
using Messaging.Breaker.ChaosTests.Shop;

namespace Messaging.Breaker.ChaosTests.Holds;

/// <summary>
/// Pauses the fleet's endpoint amid faults. Once every worker reports the hold and running handlers have ended, no order is handled until
/// the resume, even if workers, stores and brokers are killed. A new worker waits for the store before it consumes (HoldUntilKnown).
/// </summary>
sealed class HeldFleet(Operator steering, RabbitMqNode broker, string queue, ShakyPayments payments, Action<string> note)
{
    static readonly TimeSpan Least = TimeSpan.FromSeconds(4);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    /// <returns>The problems.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(TimeSpan delay, Task faults)
    {
        await Task.Delay(delay, TestContext.Current.CancellationToken);
        try
        {
            await steering.SteerAsync("pause");
            await Eventually.Is(steering.IsHeldEverywhereAsync, held => held, "every worker to be held", Longest);
            await Eventually.Is(IsQuietAsync, quiet => quiet, "the handlers under way to end", Longest);
            var calls = payments.Calls;
            note("the fleet is held");
            for (var began = Stopwatch.GetTimestamp(); !faults.IsCompleted || Stopwatch.GetElapsedTime(began) < Least;)
                await Task.Delay(100, TestContext.Current.CancellationToken);
            var handled = payments.Calls - calls;
            await steering.SteerAsync("resume");
            return handled == 0 ? [] : [$"{handled} calls were made while the endpoint was held"];
        }
        catch (TimeoutException exception)
        {
            return [exception.Message];
        }
    }

    async Task<bool> IsQuietAsync()
    {
        try
        {
            return await broker.GetQueueAsync(queue) is { Consumers: 0, Unacknowledged: 0 };
        }
        catch (Exception) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return false; // The broker is down.
        }
    }
}
