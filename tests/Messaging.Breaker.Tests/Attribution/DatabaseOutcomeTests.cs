using System.Data.Common;
using Messaging.Breaker.Engine;
using Messaging.Breaker.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Attribution;

public class DatabaseOutcomeTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("08006")]
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("53300")]
    [InlineData("54000")]
    [InlineData("55P03")]
    [InlineData("57014")]
    [InlineData("57P01")]
    [InlineData("57P03")]
    [InlineData("58030")]
    [InlineData("XX000")]
    public void A_server_that_cannot_do_its_work_has_failed(string? sqlState) => AssertOutcome(Outcome.Failure, sqlState);

    [Theory]
    [InlineData("25006")]
    [InlineData("25P02")]
    [InlineData("28000")]
    [InlineData("28P01")]
    public void An_error_that_hits_everybody_but_is_no_outage_is_ignored(string sqlState) => AssertOutcome(Outcome.Ignored, sqlState);

    [Theory]
    [InlineData("22001")]
    [InlineData("22P02")]
    [InlineData("23505")]
    [InlineData("42P01")]
    [InlineData("42501")]
    [InlineData("P0001")]
    [InlineData("0A000")]
    [InlineData("3D000")]
    [InlineData("9")]
    public void A_server_that_finds_fault_with_the_statement_has_answered(string sqlState) => AssertOutcome(Outcome.Success, sqlState);

    [Theory]
    [InlineData("23505")]
    [InlineData("28P01")]
    [InlineData("25006")]
    public void What_the_provider_calls_transient_is_a_failure_whatever_its_state(string sqlState) =>
        AssertOutcome(Outcome.Failure, sqlState, isTransient: true);

    [Fact]
    public void An_exception_that_is_no_database_error_is_judged_by_the_ordinary_rules() =>
        Assert.Equal(Outcome.Failure, DatabaseOutcome.Of(new TimeoutException(), new BreakerOptions().Exceptions).Outcome);

    [Fact]
    public void What_the_options_ignore_has_nothing_to_do_with_the_database()
    {
        var options = new BreakerOptions();
        options.Ignore<DbException>(exception => exception.SqlState == "57014");
        Assert.True(DatabaseOutcome.Of(new Error("57014"), options.Exceptions).IsUnrelated);
        Assert.Equal(Outcome.Failure, DatabaseOutcome.Of(new Error("57P01"), options.Exceptions).Outcome);
        Assert.Equal(Outcome.Success, DatabaseOutcome.Of(new Error("23505"), options.Exceptions).Outcome);
    }

    [Fact]
    public void An_error_that_trips_immediately_by_the_options_does_so_for_a_database_too()
    {
        var options = new BreakerOptions();
        options.TripImmediately<Error>();
        Assert.NotNull(DatabaseOutcome.Of(new Error("23505"), options.Exceptions).Demand);
    }

    [Fact]
    public void What_the_options_track_is_a_failure_and_nothing_else_is()
    {
        var options = new BreakerOptions();
        options.Track<DbException>(exception => exception.SqlState == "42501");
        Assert.Equal(Outcome.Failure, DatabaseOutcome.Of(new Error("42501"), options.Exceptions).Outcome);
        Assert.Equal(Outcome.Ignored, DatabaseOutcome.Of(new Error("57P01"), options.Exceptions).Outcome);
    }

    [Fact]
    public async Task A_context_cannot_be_attributed_to_a_breaker_that_does_not_exist()
    {
        await using var provider = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("orders-db")).BuildServiceProvider();
        var unknown = Assert.Throws<KeyNotFoundException>(() => new DbContextOptionsBuilder().AddBreaker(provider, "order-db"));
        Assert.Contains("'orders-db'", unknown.Message, StringComparison.Ordinal);
    }

    static void AssertOutcome(Outcome expected, string? sqlState, bool isTransient = false)
    {
        var finding = DatabaseOutcome.Of(new Error(sqlState, isTransient), new BreakerOptions().Exceptions);
        Assert.Equal(expected, finding.Outcome);
        Assert.Null(finding.Demand);
        Assert.False(finding.IsUnrelated);
    }

    sealed class Error(string? sqlState, bool isTransient = false) : DbException
    {
        public override string? SqlState => sqlState;

        public override bool IsTransient => isTransient;
    }
}
