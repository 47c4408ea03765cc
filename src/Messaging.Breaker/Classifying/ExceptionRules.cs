using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Classifying;

/// <summary>
/// Decides whose fault an exception is. The rules look at the exception, its inner exceptions and all branches of aggregates. Ignore takes
/// precedence, then TripImmediately, then Track.
/// </summary>
sealed class ExceptionRules
{
    readonly List<Rule<bool>> _tracked = [];
    readonly List<Rule<bool>> _ignored = [];
    readonly List<Rule<ImmediateTrip?>> _fatal = [new("refusals", Refusals.DemandOf)];

    /// <summary>Called once for each rule that throws, with the rule's name and its exception.</summary>
    public Action<string, Exception>? Failed { get; set; }

    /// <summary>The user named the exceptions that are the dependency's fault.</summary>
    public bool AreExplicit => _tracked.Count > 0;

    public void Track<T>(Func<T, bool>? predicate) where T : Exception => _tracked.Add(Matching(nameof(Track), predicate));

    public void Ignore<T>(Func<T, bool>? predicate) where T : Exception => _ignored.Add(Matching(nameof(Ignore), predicate));

    public void TripImmediately<T>(Func<T, TimeSpan?>? minimumBreak) where T : Exception => _fatal.Add(new(
        $"{nameof(TripImmediately)}<{typeof(T).Name}>",
        exception => exception is T match ? new ImmediateTrip(Describe(match), minimumBreak?.Invoke(match)) : null));

    public Classification Classify(Exception exception)
    {
        var chain = ExceptionChain.Of(exception);
        if (Any(chain, _ignored))
            return Unrelated();
        foreach (var candidate in chain)
            foreach (var rule in _fatal)
                if (Apply(rule, candidate) is { } demand)
                    return new Classification(Outcome.Failure, demand);
        if (chain.Any(Refusals.Is))
            return new Classification(Outcome.Failure);
        if (AreExplicit)
            return Any(chain, _tracked) ? new Classification(Outcome.Failure) : Unrelated();
        if (chain.Any(ConcurrencyConflict.Is))
            return Unrelated();
        return new Classification(chain.OfType<HttpRequestException>().FirstOrDefault(e => e.StatusCode is not null) is { StatusCode: { } status }
            ? HttpOutcome.Of(status)
            : Outcome.Failure);
    }

    static Classification Unrelated() => new(Outcome.Ignored) { IsUnrelated = true };

    bool Any(IReadOnlyList<Exception> chain, List<Rule<bool>> rules)
    {
        foreach (var exception in chain)
            foreach (var rule in rules)
                if (Apply(rule, exception))
                    return true;
        return false;
    }

    /// <summary>A user's rule that throws does not apply: a message must not suffer from it.</summary>
    T? Apply<T>(Rule<T> rule, Exception exception)
    {
        try
        {
            return rule.Of(exception);
        }
        catch (Exception thrown)
        {
            if (rule.IsFirstFailure())
                Failed?.Invoke(rule.Name, thrown);
            return default;
        }
    }

    static Rule<bool> Matching<T>(string kind, Func<T, bool>? predicate) where T : Exception =>
        new($"{kind}<{typeof(T).Name}>", exception => exception is T match && (predicate is null || predicate(match)));

    static string Describe(Exception exception) => $"{exception.GetType().Name} trips at once";

    sealed class Rule<T>(string name, Func<Exception, T> of)
    {
        int _failures;

        public string Name => name;

        public T Of(Exception exception) => of(exception);

        public bool IsFirstFailure() => Interlocked.Exchange(ref _failures, 1) == 0;
    }
}
