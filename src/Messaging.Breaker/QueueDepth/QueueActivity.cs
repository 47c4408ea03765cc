namespace Messaging.Breaker.QueueDepth;

/// <summary>Whether a queue was being consumed when it was sampled.</summary>
enum QueueActivity
{
    /// <summary>By a few probes, or by an endpoint that is being stopped or started: no rate can be derived from it.</summary>
    Unsettled,

    /// <summary>Nobody consumes.</summary>
    Paused,

    /// <summary>It is consumed without a limit by a breaker.</summary>
    Running,
}
