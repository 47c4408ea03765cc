using Messaging.Breaker.ChaosTests.Schedules;

namespace Messaging.Breaker.ChaosTests.Results;

sealed record ScheduleResult(
    Schedule Schedule,
    TimeSpan Took,
    int Messages,
    int Duplicates,
    int Trips,
    FaultCounts Faults,
    Balance Balance,
    IReadOnlyList<string> Problems);
