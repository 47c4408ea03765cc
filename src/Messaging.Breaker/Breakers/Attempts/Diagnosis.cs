using Messaging.Breaker.Classifying;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>
/// What an attempt says about one breaker. Pure: its only input is the observed calls, the exception that left the handler, and the rules.
/// </summary>
/// <param name="Result">What the attempt means for the breaker.</param>
/// <param name="Outcome">What is still to be counted; null if its calls were counted, or nothing is known.</param>
readonly record struct Diagnosis(AttemptResult Result, Classification? Outcome = null)
{
    static readonly Classification Success = new(Engine.Outcome.Success);
    static readonly Classification Failure = new(Engine.Outcome.Failure);
    static readonly Classification Ignored = new(Engine.Outcome.Ignored);

    /// <summary>A handler that failed is evidence, whatever its calls said.</summary>
    /// <param name="calls">The calls to the dependency; null if none was observed.</param>
    /// <param name="exception">What left the handler; null if it succeeded.</param>
    /// <param name="others">How the handler's other dependencies are involved.</param>
    /// <param name="isAttributed">Whether calls are attributed to the dependency; if so, an attempt without one says little.</param>
    /// <param name="rules">The breaker's rules for exceptions.</param>
    public static Diagnosis Of(ObservedCalls? calls, Exception? exception, OtherDependencies others, bool isAttributed, ExceptionRules rules)
    {
        var isByCalls = calls is not null || (isAttributed && !rules.AreExplicit);
        if (exception is null)
            return new(AttemptResult.Succeeded, !isByCalls || calls is { WereAnswered: true } ? Success : null);
        if (calls is { WereRefused: true })
            return new(AttemptResult.Refused);
        if (calls is { HaveFailed: true })
            return new(AttemptResult.Failed);

        var finding = rules.Classify(exception);
        if (finding.Demand is { IsByAnother: false } || (finding.Demand is not null && others == OtherDependencies.None))
            return new(AttemptResult.Failed, finding);
        if (finding.IsUnrelated || (others == OtherDependencies.AtFault && !rules.AreExplicit))
            return new(AttemptResult.Unrelated, calls is { WereAnswered: true } ? Success : isByCalls ? null : Ignored);
        if (finding.Outcome == Engine.Outcome.Failure && (!isByCalls || rules.AreExplicit || calls is { WereCancelled: true }))
            return new(AttemptResult.Failed, Failure);
        return new(AttemptResult.Unexplained, Failure);
    }
}

/// <summary>How the other dependencies of a handler are involved in the exception that left it.</summary>
enum OtherDependencies
{
    /// <summary>There are no others.</summary>
    None,

    /// <summary>Nothing shows that one of them caused it.</summary>
    Unclear,

    /// <summary>The exception comes from a call to one of them.</summary>
    AtFault,
}
