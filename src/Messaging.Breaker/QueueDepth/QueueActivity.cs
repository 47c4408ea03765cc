namespace Messaging.Breaker.QueueDepth;

/// <summary>Whether a queue was being emptied when it was sampled.</summary>
enum QueueActivity
{
    /// <summary>By a few probes, or an endpoint that is just being stopped or started: no rate can be told from it.</summary>
    Unsettled,

    /// <summary>Nobody consumes.</summary>
    Paused,

    /// <summary>It is consumed without a limit of ours.</summary>
    Running,
}
