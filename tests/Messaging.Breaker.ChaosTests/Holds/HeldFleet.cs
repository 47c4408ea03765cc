using System.Diagnostics;
using Messaging.Breaker.ChaosTests.Shop;

namespace Messaging.Breaker.ChaosTests.Holds;

/// <summary>
/// The fleet's endpoint is paused amid faults. From when every worker has said that it is held, and what was under way has ended, until it is resumed no
/// order is handled, whichever workers, stores and brokers are killed: the workers do not start without the store's word (HoldUntilKnown).
/// </summary>
sealed class HeldFleet(Operator steering, RabbitMqNode broker, string queue, ShakyPayments payments, Action<string> note)
{
    static readonly TimeSpan Least = TimeSpan.FromSeconds(4);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    /// <returns>What should not have happened.</returns>
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
            return false; // The broker is away.
        }
    }
}
