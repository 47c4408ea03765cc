namespace Messaging.Breaker.Engine;

/// <summary>All outcomes that a breaker has counted so far, probes included. Only differences between two mean something.</summary>
readonly record struct Tally(long Total, long Failures)
{
    /// <summary>
    /// How likely it is that one message met so many of the failures by chance, and not one success, had they been dealt out among all calls since
    /// (Fisher's exact test, The Design of Experiments, 1935). A rate of the others' failures alone would be too low just where the message took
    /// more than its share, as where every third call fails in turn.
    /// </summary>
    /// <param name="since">From here on.</param>
    /// <param name="now">Until here.</param>
    /// <param name="failures">How often the message failed.</param>
    /// <param name="counted">How many of these were counted in between.</param>
    public static double ChanceOfFailing(Tally since, Tally now, int failures, int counted)
    {
        var others = Math.Max(0, now.Total - since.Total - counted);
        var failing = Math.Min(others, Math.Max(0, now.Failures - since.Failures - counted));
        var chance = 1.0;
        for (var failure = 1; failure <= failures; failure++)
            chance *= (double)(failing + failure) / (others + failure);
        return chance;
    }
}
