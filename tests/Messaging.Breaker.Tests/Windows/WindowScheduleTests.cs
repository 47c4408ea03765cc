using System.Globalization;
using Messaging.Breaker.Windows;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Tests.Windows;

/// <summary>When windows begin and end, across clock changes, and which windows are refused.</summary>
public class WindowScheduleTests
{
    [Theory]
    // The clocks go from 02:00 to 03:00 on 2026-03-29: a window in the skipped hour begins right after it and lasts as long as usual.
    [InlineData("30 2 * * *", "2026-03-28T12:00Z", "2026-03-29T01:00Z", "2026-03-29T02:00Z")]
    [InlineData("30 1 * * *", "2026-03-28T12:00Z", "2026-03-29T00:30Z", "2026-03-29T01:30Z")]
    [InlineData("30 2 * * *", "2026-03-29T12:00Z", "2026-03-30T00:30Z", "2026-03-30T01:30Z")]
    // They go from 03:00 back to 02:00 on 2026-10-25: of a time that comes twice, the first counts.
    [InlineData("30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T00:30Z", "2026-10-25T01:30Z")]
    [InlineData("30 2 * * *", "2026-10-25T02:00Z", "2026-10-26T01:30Z", "2026-10-26T02:30Z")]
    // The local time is the same in winter and in summer.
    [InlineData("0 2 * * SUN", "2026-01-01T00:00Z", "2026-01-04T01:00Z", "2026-01-04T02:00Z")]
    [InlineData("0 2 * * SUN", "2026-07-01T00:00Z", "2026-07-05T00:00Z", "2026-07-05T01:00Z")]
    public void An_expression_follows_local_time(string cron, string now, string start, string end)
    {
        var window = Read(("Breaker", "payments"), ("Cron", cron), ("Duration", "01:00:00"), ("TimeZone", "Europe/Berlin"), ("Reason", "backup"));
        Assert.Equal((At(start), At(end)), window.Schedule.Around(At(now)).Last());
    }

    [Fact]
    public void A_night_in_which_the_clocks_go_back_has_one_window_and_not_two()
    {
        var window = Read(("Breaker", "payments"), ("Cron", "30 2 * * *"), ("Duration", "00:20:00"), ("TimeZone", "Europe/Berlin"), ("Reason", "backup"));
        var starts = new HashSet<DateTimeOffset>();
        for (var now = At("2026-10-24T12:00Z"); now < At("2026-10-25T12:00Z"); now = now.AddMinutes(1))
            starts.UnionWith(window.Schedule.Around(now).Where(time => time.Start <= now).Select(time => time.Start));
        Assert.Equal([At("2026-10-25T00:30Z")], starts);
    }

    [Theory]
    [InlineData("2026-03-01T02:00", "2026-03-01T01:00Z")]
    [InlineData("2026-03-01T02:00+05:00", "2026-02-28T21:00Z")]
    [InlineData("2026-03-01T02:00:30Z", "2026-03-01T02:00:30Z")]
    [InlineData("2026-03-29T02:30", "2026-03-29T01:30Z")]
    [InlineData("2026-10-25T02:30", "2026-10-25T00:30Z")]
    public void A_time_is_in_the_time_zone_unless_it_has_an_offset(string start, string expected)
    {
        var window = Read(("Endpoint", "work"), ("Start", start), ("Duration", "01:00:00"), ("TimeZone", "Europe/Berlin"), ("Reason", "move"));
        Assert.Equal((At(expected), At(expected).AddHours(1)), Assert.Single(window.Schedule.Around(At(expected))));
        Assert.Empty(window.Schedule.Around(At(expected).AddHours(1)));
    }

    [Fact]
    public void All_windows_under_way_and_the_next_one_are_listed()
    {
        var window = Read(("Breaker", "payments"), ("Cron", "*/10 * * * *"), ("Duration", "00:25:00"), ("Reason", "odd"));
        Assert.Equal(
            ["00:40", "00:50", "01:00", "01:10"],
            window.Schedule.Around(At("2026-01-01T01:00Z")).Select(time => time.Start.ToString("HH:mm", CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("Cron is 61 2 * * *", "Cron", "61 2 * * *")]
    [InlineData("Cron is whenever", "Cron", "whenever")]
    [InlineData("Cron is H 2 * * *: must not leave the time to a random choice", "Cron", "H 2 * * *")]
    [InlineData("TimeZone is Europe/Berlinn: is not a time zone", "TimeZone", "Europe/Berlinn")]
    [InlineData("Duration is 00:00:00: must be from 1 s to 7 days", "Duration", "00:00:00")]
    [InlineData("Duration is not set: Cron needs it", "Duration", null)]
    [InlineData("Breaker is paymnets: there is no such breaker; known breakers: 'payments'", "Breaker", "paymnets")]
    [InlineData("Breaker is not set: give either Breaker or Endpoint", "Breaker", null)]
    [InlineData("Breaker is payments: give either Breaker or Endpoint", "Endpoint", "work")]
    [InlineData("Reason is : say why", "Reason", "")]
    [InlineData("AnnounceBefore is 8.00:00:00", "AnnounceBefore", "8.00:00:00")]
    [InlineData("goes with Duration, not with Start or End", "Start", "2026-03-01T02:00")]
    [InlineData("Breakers:Windows:nightly cannot be read", "Crno", "0 2 * * *")]
    [InlineData("Breakers:Windows:nightly cannot be read", "Duration", "an hour")]
    public void What_makes_no_sense_is_refused_by_window_and_option(string problem, string option, string? value)
    {
        var options = new Dictionary<string, string?> { ["Breaker"] = "payments", ["Cron"] = "0 2 * * SUN", ["Duration"] = "01:00:00", ["Reason"] = "backup", [option] = value };
        var refused = Assert.Throws<OptionsValidationException>(() => Read([.. options.Where(one => one.Value is not null).Select(one => (one.Key, one.Value!))]));
        Assert.Contains("Window 'nightly'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-03-01T02:00", "2026-03-01T02:00", "End is 2026-03-01T02:00: must come after Start")]
    [InlineData("2026-03-01T02:00", "2026-03-09T02:00", "by at most 7 days")]
    [InlineData("2026-03-01T02:00", null, "give either End or Duration")]
    [InlineData("tomorrow", "2026-03-01T02:00", "Start is tomorrow: must be a time such as")]
    [InlineData("2026-03-01", "2026-03-01T02:00", "Start is 2026-03-01: must be a time such as")]
    [InlineData("2026-03-01T02:00", "02:00", "End is 02:00: must be a time such as")]
    [InlineData(null, "2026-03-01T02:00", "Start is not set: give Start with End, or Cron with Duration")]
    public void A_one_time_window_that_makes_no_sense_is_refused_by_name_and_problem(string? start, string? end, string problem)
    {
        var options = new Dictionary<string, string?> { ["Breaker"] = "payments", ["Reason"] = "backup", ["Start"] = start, ["End"] = end };
        var refused = Assert.Throws<OptionsValidationException>(() => Read([.. options.Where(one => one.Value is not null).Select(one => (one.Key, one.Value!))]));
        Assert.StartsWith("Window 'nightly': ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_is_not_a_breaker_and_configuration_takes_precedence_over_code()
    {
        using var services = Services(
            new() { ["Breakers:Windows:nightly:Reason"] = "said in the configuration" },
            breakers => breakers.PlanWindow("nightly", window => (window.Breaker, window.Cron, window.Duration, window.Reason) = ("payments", "0 2 * * *", TimeSpan.FromHours(1), "said in code")));
        Assert.Equal("payments", Assert.Single(services.GetRequiredService<IBreakerRegistry>().Breakers).Name);
        Assert.Equal("said in the configuration", Assert.Single(services.GetRequiredService<WindowReader>().Read()).Reason);
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("windows")));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":"w","start":"soon"}""")]
    [InlineData("""{"name":"w","start":"2026-01-01T00:00:00Z","end":"2026-01-01T00:00:00Z","breaker":"payments"}""")]
    [InlineData("""{"name":"w","start":"2026-01-01T00:00:00Z","end":"2026-01-02T00:00:00Z"}""")]
    public void An_entry_that_is_not_credible_is_skipped(string text) => Assert.Null(WindowEntry.Read(text));

    [Fact]
    public void Fields_of_a_later_version_are_ignored()
    {
        var entry = new WindowEntry { Name = "w", Breaker = "payments", Start = DateTimeOffset.UnixEpoch, End = DateTimeOffset.UnixEpoch.AddHours(1), Reason = "two\nlines" };
        Assert.Equal(entry with { Reason = "two lines" }, WindowEntry.Read(entry.Write().Replace("{\"name\"", "{\"colour\":[1],\"name\"", StringComparison.Ordinal)));
    }

    static WindowDefinition Read(params (string Option, string Value)[] options)
    {
        using var services = Services(options.ToDictionary(option => $"Breakers:Windows:nightly:{option.Option}", option => (string?)option.Value));
        return Assert.Single(services.GetRequiredService<WindowReader>().Read());
    }

    static ServiceProvider Services(Dictionary<string, string?> configuration, Action<MessagingBreakerBuilder>? configure = null) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build())
        .AddMessagingBreaker(breakers =>
        {
            breakers.Add("payments");
            configure?.Invoke(breakers);
        })
        .BuildServiceProvider();

    static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
