using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>A separate Redis server for one test class: <c>IClassFixture&lt;RedisFixture&gt;</c>.</summary>
public sealed class RedisFixture() : NodeFixture<RedisNode>(RedisNode.StartNewAsync);
