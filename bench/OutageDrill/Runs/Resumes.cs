using Messaging.Breaker.Bench;

namespace OutageDrill.Runs;

/// <summary>
/// A worker that pauses makes its calls in bursts: one until it notices the trouble, and one after each resume. The silence between them, as the
/// dependency sees it, separates the bursts, so no framework has to be asked.
/// </summary>
static class Resumes
{
    const double Silence = 0.75;

    /// <returns>The median size of all bursts except the first of each trouble; null if there was none.</returns>
    public static double? CountCalls(IReadOnlyList<double> calls, IReadOnlyList<(double From, double To)> troubles)
    {
        var bursts = troubles.SelectMany(trouble => Split(calls.Where(call => call >= trouble.From && call < trouble.To)).Skip(1)).ToList();
        return bursts.Count > 0 ? Statistics.Median(bursts) : null;
    }

    static IEnumerable<double> Split(IEnumerable<double> calls)
    {
        var (size, last) = (0, double.MinValue);
        foreach (var call in calls.Order())
        {
            if (call - last > Silence && size > 0)
            {
                yield return size;
                size = 0;
            }

            (size, last) = (size + 1, call);
        }

        if (size > 0)
            yield return size;
    }
}
