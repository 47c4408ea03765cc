namespace Messaging.Breaker;

/// <summary>What the window of a closed breaker holds.</summary>
/// <param name="Total">Outcomes counted, ignored ones left out.</param>
/// <param name="Failures">Those that failed.</param>
/// <param name="Slow">Those that succeeded, but took longer than <see cref="BreakerOptions.SlowCallDuration"/>.</param>
public readonly record struct WindowSnapshot(long Total, long Failures, long Slow);
