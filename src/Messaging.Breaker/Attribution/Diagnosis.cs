namespace Messaging.Breaker.Attribution;

/// <summary>
/// What an attempt says about one breaker. Pure: the calls that were observed, the exception that left the handler, and the rules are all that
/// it knows.
/// </summary>
/// <param name="Result">What the attempt means for the breaker.</param>
/// <param name="Outcome">What is still to be counted; null if its calls were counted, or nothing is known.</param>
readonly record struct Diagnosis(AttemptResult Result, Finding? Outcome = null)
{
    static readonly Finding Success = new(Engine.Outcome.Success);
    static readonly Finding Failure = new(Engine.Outcome.Failure);
    static readonly Finding Ignored = new(Engine.Outcome.Ignored);

    /// <summary>A handler that failed is evidence, whatever its calls said.</summary>
    /// <param name="calls">The calls to the dependency; null if none was observed.</param>
    /// <param name="exception">What left the handler; null if it succeeded.</param>
    /// <param name="others">What the handler's other dependencies have to do with it.</param>
    /// <param name="isAttributed">Calls speak for the dependency, so that an attempt without one says little.</param>
    /// <param name="rules">What its owner says about exceptions.</param>
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

/// <summary>What the other dependencies of a handler have to do with the exception that left it.</summary>
enum OtherDependencies
{
    /// <summary>It has no others.</summary>
    None,

    /// <summary>Nothing shows that it was one of them.</summary>
    Unclear,

    /// <summary>The exception comes from a call to one of them.</summary>
    AtFault,
}
