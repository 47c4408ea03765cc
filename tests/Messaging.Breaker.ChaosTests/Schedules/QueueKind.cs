namespace Messaging.Breaker.ChaosTests.Schedules;

enum QueueKind
{
    Classic,
    Quorum,

    /// <summary>Quorum, with an x-delivery-limit of 5.</summary>
    LimitedQuorum,
}
