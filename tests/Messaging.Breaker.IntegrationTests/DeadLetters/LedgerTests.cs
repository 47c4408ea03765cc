using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.IntegrationTests.DeadLetters;

[Collection(typeof(SharingBrokerTests))]
public sealed class LedgerTests(SharingBroker broker, RedisFixture redis) : IClassFixture<RedisFixture>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_instance_lists_a_redrive_and_an_outages_dead_letters_after_their_instance_ends(bool isOnRedis)
    {
        await using var fleet = new BusFleet(broker.Node);
        await using var other = await StartAsync(isOnRedis, fleet.Prefix, "other");
        DeadLetterRun run;
        long left;
        await using (var redriven = await StartAsync(isOnRedis, fleet.Prefix, "one"))
        {
            redriven.Worker.Dependency.IsDown = true;
            await redriven.SendAsync(0, 30);
            await redriven.Worker.UntilAsync(BreakerState.Open);
            redriven.Worker.Dependency.IsDown = false;
            await redriven.Worker.UntilAsync(BreakerState.Closed);
            left = (await Eventually.Is(
                () => broker.Node.GetQueueAsync(redriven.Errors), errors => errors?.Ready + redriven.Worker.Dependency.Handled == 30, "each message to be handled or dead-lettered"))!.Ready;
            run = await redriven.RedriveAsync(new RedriveOrder { Reason = "it is back", By = "anna" });
            Assert.Equal((DeadLetterRunState.Completed, left), (run.State, run.Moved));
        }

        var ledger = await Eventually.Is(
            () => other.DeadLetters.ReadLedgerAsync(TestContext.Current.CancellationToken),
            ledger => ledger.Runs is [{ Ended: not null }] && ledger.Trips.Any(trip => trip is { Instance: "one", Ended: not null }),
            "the entries to be written");
        Assert.Null(ledger.Problem);
        Assert.Equal((run.Id, "one", "anna", "it is back", left), (ledger.Runs[0].Id, ledger.Runs[0].Instance, ledger.Runs[0].By, ledger.Runs[0].Reason, ledger.Runs[0].Moved));
        var trips = ledger.Trips.Where(trip => trip.Instance == "one").ToList();
        Assert.Equal(left, trips.Sum(trip => trip.DeadLetters));
        Assert.InRange(left, 1, 30);
        Assert.NotNull(trips.SelectMany(trip => trip.Groups).First().Exception);
        Assert.Empty(other.DeadLetters.Runs);
    }

    Task<Redriven> StartAsync(bool isOnRedis, string prefix, string name) => Redriven.StartAsync(
        broker.Node,
        configure: options => options.WaitForVerdict = false,
        services: services => services.AddMessagingBreaker(breakers =>
        {
            if (isOnRedis)
                breakers.ShareOverRedis(redis.Node.Address, options =>
                {
                    options.KeyPrefix = prefix;
                    Configure(options);
                });
            else
                breakers.ShareOverBus(options =>
                {
                    (options.Address, options.Prefix) = (broker.Node.AmqpAddress, prefix);
                    Configure(options);
                });

            void Configure(SharingOptions options)
            {
                options.InstanceName = name;
                options.StoreTimeout = options.StartupPatience = TimeSpan.FromSeconds(20);
            }
        }));
}
