using System.Text.Json;

namespace Messaging.Breaker.ChaosTests.Workers;

/// <summary>The options of the payments breaker, in the form that the workers read.</summary>
sealed record DrawnOptions(
    TimeSpan BreakDuration,
    TimeSpan MaxBreakDuration,
    int ConsecutiveFailures,
    int Probes,
    TimeSpan ProbeTimeout,
    TimeSpan DrainTimeout,
    TimeSpan RetestDelay,
    TimeSpan MaxHold)
{
    /// <param name="isHoldingShort">Whether the broker soon closes the channel of a consumer that holds a message.</param>
    public static DrawnOptions Draw(Random random, bool isHoldingShort) => new(
        BreakDuration: TimeSpan.FromMilliseconds(random.Next(200, 1_000)),
        MaxBreakDuration: TimeSpan.FromMilliseconds(random.Next(1_000, 2_000)),
        ConsecutiveFailures: random.Next(3, 11),
        Probes: random.Next(1, 6),
        ProbeTimeout: TimeSpan.FromMilliseconds(random.Next(1_000, 3_000)),
        DrainTimeout: TimeSpan.FromMilliseconds(random.Next(500, 3_000)),
        RetestDelay: TimeSpan.FromMilliseconds(random.Next(100, 1_000)),
        MaxHold: TimeSpan.FromMilliseconds(isHoldingShort ? 2_500 : random.Next(2_500, 10_000)));

    /// <summary>Writes the file in one step, so that a worker never reads half of it.</summary>
    public void WriteTo(string file)
    {
        var temporary = file + ".new";
        File.WriteAllText(temporary, JsonSerializer.Serialize(new { Breakers = new { payments = this } }));
        File.Move(temporary, file, overwrite: true);
    }
}
