namespace Messaging.Breaker.Dashboard.State;

/// <summary>
/// Something that happened: a breaker's transition; or what an operator did to a key of one; or to an endpoint, which is then Paused or Resumed and has
/// neither a state before, nor a cause, nor a mode. What happens to keys by itself is not written down: there may be thousands. The break is that of the breaker, or the hold's, if it ends by itself. Numbers grow
/// by one with each entry of the process.
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
