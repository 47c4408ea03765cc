using Messaging.Breaker.IntegrationTests.Infrastructure;

[assembly: AssemblyFixture(typeof(BrokerFixture))]

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>The node that serves the whole run: use queue names of your own, and leave it running.</summary>
public class BrokerFixture() : NodeFixture<RabbitMqNode>(() => TestBroker.StartNewAsync());

/// <summary>A node of its own for a test class that stops or crashes it: <c>IClassFixture&lt;PrivateBrokerFixture&gt;</c>.</summary>
public sealed class PrivateBrokerFixture : BrokerFixture;
