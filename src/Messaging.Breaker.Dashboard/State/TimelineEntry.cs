namespace Messaging.Breaker.Dashboard.State;

/// <summary>
/// An event: a breaker's transition; an operator's action on one of its keys; or an operator's action on an endpoint, which is then Paused or
/// Resumed and has no previous state, cause or mode. A key's own transitions are not recorded, because there may be thousands. The break is the
/// breaker's, or the hold's if it ends by itself. Numbers grow by one with each entry of the process.
/// </summary>
sealed record TimelineEntry(
    long Number,
    DateTimeOffset At,
    SubjectKind Kind,
    string Subject,
    BreakerState? From,
    string To,
    TransitionCause? Cause,
    string Reason,
    double? BreakSeconds,
    BreakerMode? Mode)
{
    public static TimelineEntry Of(long number, Transition transition) => new(
        number,
        transition.At,
        SubjectKind.Breaker,
        transition.Breaker,
        transition.From,
        $"{transition.To}",
        transition.Cause,
        transition.Reason,
        transition.BreakDuration?.TotalSeconds,
        transition.Mode);
}

enum SubjectKind
{
    Breaker,
    Endpoint,
    Key,
}
