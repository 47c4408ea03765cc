namespace Messaging.Breaker.Engine;

/// <summary>All outcomes that a breaker has counted so far, probes included. Only differences between two mean something.</summary>
readonly record struct Tally(long Total, long Failures)
{
    /// <summary>
    /// The chance that the next call fails, by what has been counted since: Laplace's rule of succession, which is a half when nothing has.
    /// </summary>
    public static double ChanceOfFailure(Tally since, Tally now) =>
        (now.Failures - since.Failures + 1.0) / (now.Total - since.Total + 2.0);
}
