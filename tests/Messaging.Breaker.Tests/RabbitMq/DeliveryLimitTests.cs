using System.Text.Json;
using Messaging.Breaker.RabbitMq;

namespace Messaging.Breaker.Tests.RabbitMq;

public class DeliveryLimitTests
{
    [Theory]
    [InlineData("4.3.6", 4, 3, true)]
    [InlineData("4.3.0-rc.1", 4, 3, true)]
    [InlineData("5.0.0", 5, 0, true)]
    [InlineData("4.10.1", 4, 10, true)]
    [InlineData("4.2.9", 4, 2, false)]
    [InlineData("3.13.7", 3, 13, false)]
    [InlineData("3.10.8+1", 3, 10, false)]
    [InlineData("", 0, 0, false)]
    [InlineData("unknown", 0, 0, false)]
    public void A_brokers_version_says_whether_returns_count(string text, int major, int minor, bool returnsFreely)
    {
        var version = BrokerVersion.Parse(text);
        Assert.Equal(new BrokerVersion(major, minor), version);
        Assert.Equal(returnsFreely, version.ReturnsFreely);
    }

    [Theory]
    [InlineData("4.3.6", """{"type":"quorum","delivery_limit":5}""", 5L)]
    [InlineData("4.3.6", """{"type":"quorum","delivery_limit":0}""", 0L)]
    [InlineData("4.3.6", """{"type":"quorum","delivery_limit":"unlimited"}""", DeliveryLimit.None)]
    [InlineData("4.3.6", """{"type":"quorum","delivery_limit":-1}""", DeliveryLimit.None)]
    [InlineData("4.3.6", """{"type":"quorum"}""", null)]
    [InlineData("4.3.6", """{"type":"quorum","arguments":{"x-delivery-limit":7},"effective_policy_definition":{}}""", null)]
    [InlineData("4.3.6", """{"type":"classic"}""", DeliveryLimit.None)]
    [InlineData("4.3.6", """{}""", null)]
    [InlineData("3.10.8", """{"type":"quorum","arguments":{"x-delivery-limit":7},"effective_policy_definition":{}}""", 7L)]
    [InlineData("3.10.8", """{"type":"quorum","arguments":{"x-delivery-limit":7},"effective_policy_definition":{"delivery-limit":5}}""", 5L)]
    [InlineData("3.10.8", """{"type":"quorum","arguments":{},"effective_policy_definition":{"delivery-limit":5}}""", 5L)]
    [InlineData("3.10.8", """{"type":"quorum","arguments":{},"effective_policy_definition":{}}""", DeliveryLimit.None)]
    [InlineData("3.10.8", """{"type":"quorum","arguments":{}}""", null)]
    public void The_management_API_tells_a_limit_or_nothing(string version, string queue, long? expected) =>
        Assert.Equal(expected, ManagementApi.DeliveryLimitOf(JsonDocument.Parse(queue).RootElement, BrokerVersion.Parse(version)));
}
