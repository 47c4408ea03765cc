namespace Messaging.Breaker.Attribution;

/// <summary>An exception with all that are inside it, inner ones and all branches of aggregates, the outer ones first.</summary>
static class ExceptionChain
{
    // What lies deeper or further away than this many says nothing that the nearer ones do not.
    const int Most = 250;

    /// <summary>Each exception once.</summary>
    public static IReadOnlyList<Exception> Of(Exception exception)
    {
        if (exception.InnerException is null)
            return [exception];
        var seen = new HashSet<Exception>(ReferenceEqualityComparer.Instance) { exception };
        var chain = new List<Exception> { exception };
        for (var i = 0; i < chain.Count; i++)
        {
            if (chain[i] is AggregateException aggregate)
                foreach (var inner in aggregate.InnerExceptions)
                    Add(inner);
            else if (chain[i].InnerException is { } inner)
                Add(inner);
        }

        return chain;

        void Add(Exception inner)
        {
            if (chain.Count < Most && seen.Add(inner))
                chain.Add(inner);
        }
    }
}
