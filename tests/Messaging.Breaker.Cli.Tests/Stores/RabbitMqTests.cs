using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.Cli.Tests.Stores;

[Collection(typeof(SharingBrokerTests))]
public sealed class RabbitMqTests(SharingBroker broker) : StoreContract
{
    protected override string Address => broker.Node.AmqpAddress.ToString();

    protected override void Share(MessagingBreakerBuilder breakers, string instance) => breakers.ShareOverBus(options =>
    {
        options.Address = broker.Node.AmqpAddress;
        options.Prefix = Prefix;
        options.InstanceName = instance;
        options.StoreTimeout = options.StartupPatience = TimeSpan.FromSeconds(20);
    });

    [Fact]
    public async Task A_wrong_password_is_reported_without_repeating_it()
    {
        var address = new UriBuilder(broker.Node.AmqpAddress) { UserName = "visitor", Password = "wr0ng-one" }.Uri.ToString();
        var result = await new Support.Cli().RunAsync("status", "--store", address, "--prefix", Prefix, "--timeout", "10s");
        Assert.Equal(ExitCode.Unauthorised, result.Code);
        Assert.DoesNotContain("wr0ng", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_coordinates_only_if_no_instance_does_and_only_during_its_call()
    {
        await using var fleet = await StartAsync("one");
        await RunAsync("isolate", "payments", "-r", "maintenance", "--unlisted");
        Assert.Equal(1, (await broker.Node.GetQueueAsync($"{Prefix}.commands"))?.Consumers);
        await fleet.StopAsync();
        Assert.Equal(ExitCode.Done, (await RunAsync("status")).Code);
        Assert.Equal(0, (await broker.Node.GetQueueAsync($"{Prefix}.commands"))?.Consumers);
    }
}
