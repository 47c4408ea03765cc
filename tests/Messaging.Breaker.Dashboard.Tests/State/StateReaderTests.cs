using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Dashboard.Tests.State;

public sealed class StateReaderTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task The_state_has_depth_and_forecast_per_endpoint_and_one_alert_for_several_queues()
    {
        var alert = new QueueAlert
        {
            Rule = "forecast-loss",
            Severity = AlertSeverity.Critical,
            Queues = ["charge-order", "refund"],
            Breaker = "payments",
            BreakerState = BreakerState.Open,
            Message = "loses messages in 60 s",
            Since = Start,
        };
        await using var dashboard = await StartAsync(
            Queue("charge-order", 1200, TimeSpan.FromMinutes(2), [alert]), Queue("refund", 30, null, [alert with { Queues = ["charge-order", "refund"] }]));

        var state = await ReadAsync(dashboard);

        var queue = Assert.Single(state.GetProperty("endpoints").EnumerateArray()).GetProperty("queue");
        Assert.Equal(1200, queue.GetProperty("ready").GetInt64());
        Assert.Equal(120, queue.GetProperty("secondsUntilDrained").GetDouble());
        Assert.Equal("refund", Assert.Single(state.GetProperty("otherQueues").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("forecast-loss", Assert.Single(state.GetProperty("alerts").EnumerateArray()).GetProperty("rule").GetString());
    }

    [Fact]
    public async Task The_state_says_when_no_queue_is_watched()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        Assert.False((await ReadAsync(dashboard)).GetProperty("queuesAreWatched").GetBoolean());
    }

    [Fact]
    public async Task The_state_leaves_out_the_credentials_of_an_address()
    {
        await using var dashboard = await TestDashboard.StartAsync(services: services => services.AddSingleton<IEndpointRegistry>(new LeakyEndpoints()));

        using var response = await dashboard.GetAsync("api/state");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains("rabbitmq://broker/shop/charge-order", text, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("guest", text, StringComparison.Ordinal);
    }

    static Task<TestDashboard> StartAsync(params QueueSnapshot[] queues) =>
        TestDashboard.StartAsync(services: services => services.AddSingleton<IQueueMonitor>(new FixedQueues(queues)));

    static async Task<JsonElement> ReadAsync(TestDashboard dashboard)
    {
        using var response = await dashboard.GetAsync("api/state");
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }

    static QueueSnapshot Queue(string name, long ready, TimeSpan? drained, IReadOnlyList<QueueAlert> alerts) =>
        new()
        {
            Queue = name,
            Breakers = [],
            At = Start,
            Ready = ready,
            Unacknowledged = 0,
            Consumers = 1,
            ArrivalRate = 10,
            ServiceRate = 20,
            TimeUntilDrained = drained,
            Alerts = alerts,
        };

    sealed record FixedQueues(IReadOnlyList<QueueSnapshot> Queues) : IQueueMonitor;

    sealed class LeakyEndpoints : IEndpointRegistry
    {
        public IReadOnlyList<EndpointSnapshot> Endpoints { get; } =
            [new()
            {
                Name = "charge-order",
                Address = new Uri("rabbitmq://guest:s3cret@broker/shop/charge-order?durable=true"),
                State = EndpointState.Running,
                Breakers = ["payments"],
                Handled = 0,
            }];

        public void Pause(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false)
        {
        }

        public Task<HoldOutcome> PauseAsync(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false) =>
            throw new NotSupportedException();

        public void Resume(string endpoint, string? by = null, bool thisInstanceOnly = false)
        {
        }

        public Task<HoldOutcome> ResumeAsync(string endpoint, string? by = null, bool thisInstanceOnly = false) => throw new NotSupportedException();
    }
}
