using Messaging.Breaker.AtlasTests.Cases;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.AtlasTests;

public class AtlasOfHttpTests(BrokerFixture broker) : AtlasTheory(broker)
{
    public static IEnumerable<TheoryDataRow<Row>> Rows => Atlas.Of("HTTP");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Outage(Row row) => RunAsync(row);
}

public class AtlasOfGrpcTests(BrokerFixture broker) : AtlasTheory(broker)
{
    public static IEnumerable<TheoryDataRow<Row>> Rows => Atlas.Of("gRPC");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Outage(Row row) => RunAsync(row);
}

public class AtlasOfRedisTests(BrokerFixture broker) : AtlasTheory(broker)
{
    public static IEnumerable<TheoryDataRow<Row>> Rows => Atlas.Of("Redis");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Outage(Row row) => RunAsync(row);
}

public class AtlasOfSmtpTests(BrokerFixture broker) : AtlasTheory(broker)
{
    public static IEnumerable<TheoryDataRow<Row>> Rows => Atlas.Of("SMTP");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Outage(Row row) => RunAsync(row);
}

public class AtlasOfPostgresTests(BrokerFixture broker) : AtlasTheory(broker)
{
    public static IEnumerable<TheoryDataRow<Row>> Rows => Atlas.Of("PostgreSQL");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Outage(Row row) => RunAsync(row);
}

public class AtlasOfEfCoreTests(BrokerFixture broker) : AtlasTheory(broker)
{
    public static IEnumerable<TheoryDataRow<Row>> Rows => Atlas.Of("EF Core");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Outage(Row row) => RunAsync(row);
}
