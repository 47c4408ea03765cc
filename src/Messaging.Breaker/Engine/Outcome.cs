namespace Messaging.Breaker.Engine;

/// <summary>What became of a call. A call slower than the limit is told by its duration, not here.</summary>
enum Outcome
{
    Success,
    Failure,

    /// <summary>Says nothing about the dependency; a probe's permit is given back.</summary>
    Ignored,
}
