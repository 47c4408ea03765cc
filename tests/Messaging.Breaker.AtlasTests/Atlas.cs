using Messaging.Breaker.AtlasTests.Cases;
using Messaging.Breaker.AtlasTests.Rows;

namespace Messaging.Breaker.AtlasTests;

/// <summary>All failures that the tests try.</summary>
static class Atlas
{
    public static IReadOnlyList<Row> Rows { get; } = [
        .. HttpRows.All, .. GrpcRows.All, .. RedisRows.All, .. SmtpRows.All,
        .. new PostgresRows("PostgreSQL", database => new PostgresDependency(database)).All,
        .. new PostgresRows("EF Core", database => new EfCoreDependency(database)).All,
    ];

    public static IEnumerable<TheoryDataRow<Row>> Of(string group) => Rows
        .Where(row => row.Group == group)
        .Select(row => new TheoryDataRow<Row>(row) { TestDisplayName = $"Atlas: {row}" });
}
