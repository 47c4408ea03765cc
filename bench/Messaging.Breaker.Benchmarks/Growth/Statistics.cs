namespace Messaging.Breaker.Benchmarks.Growth;

static class Statistics
{
    /// <summary>Median (highest).</summary>
    public static string Describe(IReadOnlyCollection<double> times) => $"{Table.Number(Median(times), 1)} ({Table.Number(times.Max(), 1)})";

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
