using Messaging.Breaker.ChaosTests.Results;
using Messaging.Breaker.ChaosTests.Schedules;

namespace Messaging.Breaker.ChaosTests;

// Two lanes run in parallel, because a schedule mostly waits.

public sealed class OrdinaryBrokerTests(OrdinaryBroker broker, ChaosReport report) : IClassFixture<OrdinaryBroker>
{
    public static TheoryData<int> Seeds => ChaosSettings.SeedsOf(lane: 0, lanes: 2);

    [Theory(SkipTestWithoutData = true), Trait("kind", "schedule")]
    [MemberData(nameof(Seeds))]
    public async Task No_schedule_of_faults_loses_a_message_or_dead_letters_one_that_is_not_poison(int seed) =>
        await ScheduleRun.RunAsync(Schedule.Draw(seed, isConsumerTimeoutShort: false, ChaosSettings.Store, redrives: ChaosSettings.Redrives, isHeld: ChaosSettings.Holds, hasKeys: ChaosSettings.HasKeys), await broker.GetNodeAsync(), report);
}

public sealed class ImpatientBrokerTests(ImpatientBroker broker, ChaosReport report) : IClassFixture<ImpatientBroker>
{
    public static TheoryData<int> Seeds => ChaosSettings.SeedsOf(lane: 1, lanes: 2);

    [Theory(SkipTestWithoutData = true), Trait("kind", "schedule")]
    [MemberData(nameof(Seeds))]
    public async Task No_schedule_of_faults_loses_a_message_or_dead_letters_one_that_is_not_poison(int seed) =>
        await ScheduleRun.RunAsync(Schedule.Draw(seed, isConsumerTimeoutShort: true, ChaosSettings.Store, redrives: ChaosSettings.Redrives, isHeld: ChaosSettings.Holds, hasKeys: ChaosSettings.HasKeys), await broker.GetNodeAsync(), report);
}

public sealed class ClusterTests(ClusterBroker broker, ChaosReport report) : IClassFixture<ClusterBroker>
{
    public static TheoryData<int> Seeds => ChaosSettings.ClusterSeeds;

    [Theory(SkipTestWithoutData = true), Trait("kind", "schedule")]
    [MemberData(nameof(Seeds))]
    public async Task No_schedule_of_faults_loses_a_message_or_dead_letters_one_that_is_not_poison(int seed) => await ScheduleRun.RunAsync(
        Schedule.Draw(seed, isConsumerTimeoutShort: false, ChaosSettings.Store, isCluster: true, ChaosSettings.Redrives, ChaosSettings.Holds, ChaosSettings.HasKeys), await broker.GetNodeAsync(), report);
}
