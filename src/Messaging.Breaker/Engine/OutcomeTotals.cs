namespace Messaging.Breaker.Engine;

/// <summary>All outcomes that a breaker has counted so far, probes included. Only differences are meaningful.</summary>
readonly record struct OutcomeTotals(long Total, long Failures)
{
    /// <summary>
    /// The probability that one message met so many of the failures, and no success, by chance, if the failures were spread at random over all
    /// calls since then (Fisher's exact test, The Design of Experiments, 1935). The failure rate of the other messages alone would be too low
    /// just where the message took more than its share, for example where every third call fails in turn.
    /// </summary>
    /// <param name="since">The beginning.</param>
    /// <param name="now">The end.</param>
    /// <param name="failures">How often the message failed.</param>
    /// <param name="counted">How many of these failures were counted in between.</param>
    public static double ChanceOfFailing(OutcomeTotals since, OutcomeTotals now, int failures, int counted)
    {
        var others = Math.Max(0, now.Total - since.Total - counted);
        var failing = Math.Min(others, Math.Max(0, now.Failures - since.Failures - counted));
        var chance = 1.0;
        for (var failure = 1; failure <= failures; failure++)
            chance *= (double)(failing + failure) / (others + failure);
        return chance;
    }
}
