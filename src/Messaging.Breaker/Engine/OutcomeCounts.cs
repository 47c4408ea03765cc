namespace Messaging.Breaker.Engine;

/// <summary>What a breaker has counted so far, by kind.</summary>
/// <param name="Successes">Calls in Closed that succeeded in time.</param>
/// <param name="Failures">Calls in Closed that failed.</param>
/// <param name="Slow">Calls in Closed that succeeded, but too slowly.</param>
/// <param name="Probes">Probes that ended.</param>
/// <param name="FailedProbes">Those of them that failed or were slow.</param>
readonly record struct OutcomeCounts(long Successes, long Failures, long Slow, long Probes = 0, long FailedProbes = 0)
{
    public OutcomeTotals Totals => new(Successes + Failures + Slow + Probes, Failures + FailedProbes);
}
