using System.Diagnostics;
using Messaging.Breaker;

namespace FleetBench;

/// <summary>One instance changes the state, and each of the others reports when it has adopted it.</summary>
static class Spread
{
    const int Instances = 50;
    const int Rounds = 40;
    const double Limit = 250;

    public static async Task<int> MeasureAsync(string redis)
    {
        await using var fleet = await Fleet.StartAsync(redis, Instances, 1);
        var breakers = fleet.Instances.Select(instance => instance["b0"]).ToList();
        var arrivals = new List<double>();
        var rounds = new List<double>();
        // The first round warms up.
        for (var round = 0; round <= Rounds; round++)
        {
            var wanted = round % 2 == 0 ? BreakerState.Isolated : BreakerState.Closed;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var others = breakers.Skip(1).Select((_, index) => ArrivalAsync(fleet.Instances[index + 1], wanted, patience.Token)).ToList();
            var start = Stopwatch.GetTimestamp();
            if (wanted == BreakerState.Isolated)
                breakers[0].Isolate("bench");
            else
                breakers[0].Reset("bench");
            var milliseconds = (await Task.WhenAll(others)).Select(at => Stopwatch.GetElapsedTime(start, at).TotalMilliseconds).ToList();
            if (round == 0)
                continue;
            arrivals.AddRange(milliseconds);
            rounds.Add(milliseconds.Max());
        }

        Console.WriteLine($"{Rounds} transitions to {Instances} instances, ms: median {Figures.Quantile(arrivals, 0.5):0.0}, p99 {Figures.Quantile(arrivals, 0.99):0.0}, maximum {arrivals.Max():0.0}");
        Console.WriteLine($"until all {Instances} knew, ms: median {Figures.Quantile(rounds, 0.5):0.0}, maximum {rounds.Max():0.0} (limit {Limit})");
        return rounds.Max() <= Limit ? 0 : 1;
    }

    static async Task<long> ArrivalAsync(IBreakerRegistry instance, BreakerState wanted, CancellationToken cancellationToken)
    {
        await foreach (var transition in instance.WatchAsync(cancellationToken))
            if (transition.To == wanted)
                return Stopwatch.GetTimestamp();
        throw new TimeoutException($"An instance did not become {wanted}.");
    }
}
