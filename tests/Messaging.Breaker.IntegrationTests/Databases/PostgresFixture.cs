using Messaging.Breaker.IntegrationTests.Databases;
using Messaging.Breaker.IntegrationTests.Infrastructure;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Messaging.Breaker.IntegrationTests.Databases;

/// <summary>The PostgreSQL server for the whole run. Use your own tables and leave it running.</summary>
public class PostgresFixture() : NodeFixture<PostgresNode>(PostgresNode.StartNewAsync);

/// <summary>A node for one test class that stops, crashes or pauses it: <c>IClassFixture&lt;PrivatePostgresFixture&gt;</c>.</summary>
public sealed class PrivatePostgresFixture : PostgresFixture;
