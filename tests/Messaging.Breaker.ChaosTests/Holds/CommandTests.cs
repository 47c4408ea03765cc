using Messaging.Breaker.ChaosTests.CommandLine;
using Messaging.Breaker.ChaosTests.Restarts;
using Messaging.Breaker.ChaosTests.Stores;

namespace Messaging.Breaker.ChaosTests.Holds;

/// <summary>An operator at a terminal pauses and resumes the queue of real workers.</summary>
public sealed class CommandTests(OrdinaryBroker broker) : IClassFixture<OrdinaryBroker>
{
    static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(SharedStore.Bus)]
    [InlineData(SharedStore.Redis)]
    public async Task A_pause_stops_three_workers_within_a_second_and_also_a_new_one_and_a_resume_restarts_all(SharedStore store)
    {
        await using var fleet = await Fleet.StartAsync(await broker.GetNodeAsync(), store);

        var pause = await RunAsync("pause", fleet.Queue, "--reason", "migrating the table", "--by", "anna");
        Assert.Contains("3 instances follow", pause.Output, StringComparison.Ordinal);
        var stopped = await fleet.UntilConsumersAsync(0);
        Tell($"pause: the command took {pause.Took.TotalSeconds:0.00} s, and {stopped.TotalSeconds:0.00} s later nobody consumed");
        Assert.InRange(stopped, TimeSpan.Zero, Promised);
        await fleet.PlaceOrdersAsync();
        await fleet.AddAsync();
        await fleet.AssertNobodyConsumesAsync(TimeSpan.FromSeconds(3));
        await fleet.KillAndStartStoreAsync();
        await fleet.AssertNobodyConsumesAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, fleet.Calls.Count);

        // The store has only just restarted.
        var resume = await Eventually.Is(
            () => RunAsync("resume", fleet.Queue), done => !done.Output.Contains("was not held", StringComparison.Ordinal), "the hold to be lifted", TimeSpan.FromMinutes(1));
        var back = await fleet.UntilConsumersAsync(Fleet.Size + 1);
        Tell($"resume: the command took {resume.Took.TotalSeconds:0.00} s, and {back.TotalSeconds:0.00} s later all consumed");
        await fleet.UntilAllHandledAsync();

        Task<BreakersCommand.Done> RunAsync(params string[] arguments) =>
            BreakersCommand.RunAsync([.. arguments, "--store", fleet.StoreAddress, "--prefix", fleet.Prefix, "--timeout", "30s"]);

        void Tell(string measured) => TestContext.Current.TestOutputHelper?.WriteLine($"{store}: {measured}");
    }
}
