namespace Messaging.Breaker.Engine;

/// <summary>How a call ended. Whether it was slow is not part of this; its duration says that.</summary>
enum Outcome
{
    Success,
    Failure,

    /// <summary>Says nothing about the dependency; a probe's permit is given back.</summary>
    Ignored,
}
