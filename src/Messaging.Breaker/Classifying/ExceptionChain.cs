namespace Messaging.Breaker.Classifying;

/// <summary>An exception and everything inside it: inner exceptions and all branches of aggregates, outer ones first.</summary>
static class ExceptionChain
{
    // Exceptions beyond this number add nothing that the outer ones do not say.
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
