namespace Messaging.Breaker;

/// <summary>The outcomes in the window of a closed breaker.</summary>
/// <param name="Total">Outcomes counted, without ignored ones.</param>
/// <param name="Failures">How many failed.</param>
/// <param name="Slow">How many succeeded, but took longer than <see cref="BreakerOptions.SlowCallDuration"/>.</param>
public readonly record struct WindowSnapshot(long Total, long Failures, long Slow);
