using Messaging.Breaker.IntegrationTests.Infrastructure;

[assembly: AssemblyFixture(typeof(BrokerFixture))]

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>The node for the whole run. Use your own queue names and leave it running.</summary>
public class BrokerFixture() : NodeFixture<RabbitMqNode>(() => TestBroker.StartNewAsync());

/// <summary>A node for one test class that stops or crashes it: <c>IClassFixture&lt;PrivateBrokerFixture&gt;</c>.</summary>
public sealed class PrivateBrokerFixture : BrokerFixture;
