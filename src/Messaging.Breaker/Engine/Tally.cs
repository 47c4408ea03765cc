namespace Messaging.Breaker.Engine;

/// <summary>All outcomes that a breaker has counted so far, probes included. Only differences between two mean something.</summary>
readonly record struct Tally(long Total, long Failures)
{
    /// <summary>
    /// The chance that the next call of another fails, by what has been counted since: Laplace's rule of succession, which is a half when nothing
    /// has.
    /// </summary>
    /// <param name="since">From here on.</param>
    /// <param name="now">Until here.</param>
    /// <param name="own">Failures of the message in question that were counted in between.</param>
    public static double ChanceOfFailure(Tally since, Tally now, int own) =>
        (Math.Max(0, now.Failures - since.Failures - own) + 1.0) / (Math.Max(0, now.Total - since.Total - own) + 2.0);
}
