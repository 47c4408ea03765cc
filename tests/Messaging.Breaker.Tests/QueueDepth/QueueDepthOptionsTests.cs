using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Tests.QueueDepth;

public class QueueDepthOptionsTests
{
    const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Theory]
    [InlineData("SamplingInterval", "00:00:00")]
    [InlineData("StaleAfter", "00:00:03")]
    [InlineData("Smoothing", "00:00:00.5")]
    [InlineData("Rules:Depth:Raise", "0")]
    [InlineData("Rules:Depth:Clear", "2000")]
    [InlineData("Rules:Loss:Clear", "00:01:00")]
    [InlineData("Rules:Age:For", "2.00:00:00")]
    [InlineData("Overrides:orders:Growth:Raise", "-1")]
    [InlineData("Webhook:Attempts", "0")]
    [InlineData("Escalation:Reopens", "0")]
    [InlineData("Escalation:After", "00:00:00")]
    [InlineData("Escalation:After", "31.00:00:00")]
    [InlineData("SamplingInterval", "10675199.02:48:05.4775807")]
    [InlineData("Rules:Growth:Raise", "Infinity")]
    [InlineData("Rules:Growth:Raise", "NaN")]
    [InlineData("Rules:Growth:Clear", "-Infinity")]
    [InlineData("Rules:Age:Raise", "10675199.02:48:05.4775807")]
    [InlineData("SamplingIntervall", "00:00:01")]
    public void An_invalid_option_is_refused_by_name(string option, string value) =>
        Assert.Contains(option, RefusalOf(option, value), StringComparison.Ordinal);

    [Theory]
    [InlineData("BrokerAddress", "ampq://user:hush@host/")]
    [InlineData("ManagementAddress", "amqp://user:hush@host/")]
    [InlineData("Webhook:Address", "ftp://host/hush")]
    [InlineData("Webhook:Secret", "hush")]
    public void An_invalid_address_or_secret_is_refused_without_being_shown(string option, string value)
    {
        var message = RefusalOf(option, value);
        Assert.Contains(option, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_wins_over_code_and_single_queues_over_all()
    {
        var options = Read(new()
        {
            ["QueueDepth:Rules:Depth:Raise"] = "500",
            ["QueueDepth:Rules:Depth:Severity"] = "Critical",
            ["QueueDepth:Overrides:orders:Depth:Raise"] = "50000",
            ["QueueDepth:Queues:0"] = "legacy",
            ["QueueDepth:Webhook:Address"] = "https://alerts.example/",
            ["QueueDepth:Webhook:Secret"] = Secret,
        });
        Assert.Equal(500, options.RulesOf("invoices").Depth.Raise);
        Assert.Equal((50_000, AlertSeverity.Critical), (options.RulesOf("orders").Depth.Raise, options.RulesOf("orders").Depth.Severity));
        Assert.Equal(TimeSpan.FromMinutes(3), options.RulesOf("orders").Depth.For);
        Assert.Equal(["legacy"], options.Queues);
    }

    [Fact]
    public void A_null_value_is_refused_by_name_and_a_long_name_by_its_length()
    {
        Assert.Contains("Queues is null", RefusalOf(options => options.Queues.Add(null!)), StringComparison.Ordinal);
        Assert.Contains("Overrides:orders is null", RefusalOf(options => options.Overrides["orders"] = null!), StringComparison.Ordinal);
        Assert.Contains("Overrides:orders:Age is null", RefusalOf(options => options.Overrides["orders"] = new() { Age = null! }), StringComparison.Ordinal);
        Assert.Contains("of 300 characters", RefusalOf(options => options.Queues.Add(new string('q', 300))), StringComparison.Ordinal);
    }

    static string RefusalOf(Action<QueueDepthOptions> configure)
    {
        using var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.WatchQueues(configure)).BuildServiceProvider();
        return Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<QueueDepthOptions>>().Value).Message;
    }

    static string RefusalOf(string option, string value) => Assert.Throws<OptionsValidationException>(() => Read(new()
    {
        ["QueueDepth:Webhook:Address"] = "https://alerts.example/",
        ["QueueDepth:Webhook:Secret"] = Secret,
        [$"QueueDepth:{option}"] = value,
    })).Message;

    static QueueDepthOptions Read(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .AddMessagingBreaker(breakers => breakers.WatchQueues(options => options.Rules.Depth.For = TimeSpan.FromMinutes(3)))
        .BuildServiceProvider()
        .GetRequiredService<IOptions<QueueDepthOptions>>().Value;
}
