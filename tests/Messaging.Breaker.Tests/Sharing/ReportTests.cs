using Messaging.Breaker.Reports;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Sharing;

public class ReportTests
{
    [Fact]
    public async Task Every_instance_says_what_its_breakers_and_endpoints_do()
    {
        var (holds, one, two, three) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        var reports = await UntilAsync(holds, one, read => read.Count == 3);
        Assert.Equal(["one", "three", "two"], reports.Select(report => report.Instance));
        Assert.All(reports, report => Assert.Equal(Environment.MachineName, report.Host));
        Assert.All(reports, report => Assert.False(report.IsSilent));
        Assert.All(reports, report => Assert.NotEmpty(report.LibraryVersion));

        one.Instance.Succeed(3);
        two.Instance.Fail();
        await three.Endpoints.PauseAsync(HoldHarness.Queue, "migrating", by: "anna");
        reports = await UntilAsync(holds, one, read => read.All(report => report.Breakers[0] is { Name: "payments", State: BreakerState.Open } && report.Endpoints[0].HeldBecause == "migrating"));
        Assert.Equal(("anna", true, "Work"), (reports[0].Endpoints[0].HeldBy, reports[0].Endpoints[0].IsHeldForFleet, reports[0].Endpoints[0].Name));
        Assert.Equal((3, 0, 10, 10), (reports[0].Breakers[0].Calls, reports[0].Breakers[0].FailedCalls, reports[2].Breakers[0].Calls, reports[2].Breakers[0].FailedCalls));
        var prober = await holds.Fleet.UntilOneProbesAsync();
        reports = await UntilAsync(holds, one, read => read.SelectMany(report => report.Breakers).Count(breaker => breaker.IsProbing) == 1);
        Assert.Equal(prober.Breaker.State, reports.Single(report => report.Breakers.Any(breaker => breaker.IsProbing)).Breakers[0].State);
    }

    [Fact]
    public async Task An_instance_that_ends_says_so_and_one_that_hangs_falls_silent()
    {
        var (holds, one, two, three) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await UntilAsync(holds, one, read => read.Count == 3);
        await three.Instance.CrashAsync();
        await UntilAsync(holds, one, read => read.Count == 2);
        holds.Fleet.Store.Put(ReportFormat.List, "killed", ReportFormat.Write(new WrittenReport { BeatSeconds = 10, UpSeconds = 60 }));
        var reports = await UntilAsync(holds, one, read => read.Any(report => report is { Instance: "killed", IsSilent: true }));
        Assert.InRange(reports.Single(report => report.IsSilent).Age, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(45));
        Assert.False(reports.Single(report => report.Instance == "two").IsSilent);
        Assert.Equal(holds.Fleet.Clock.GetUtcNow() - TimeSpan.FromSeconds(60) - reports[0].Age, reports[0].Since, TimeSpan.FromSeconds(1));
        Assert.NotNull(two);
    }

    [Fact]
    public void A_report_of_very_many_breakers_keeps_those_that_are_not_closed()
    {
        var breakers = Enumerable.Range(0, 1_000).Select(number => new ReportedBreaker
        {
            Name = $"breaker-{number}",
            State = number < 5 ? BreakerState.Open : BreakerState.Closed,
            Reason = new string('x', 150),
        });
        var text = ReportFormat.Write(new WrittenReport { Breakers = [.. breakers], Endpoints = [new ReportedEndpoint { Name = "work" }] });
        Assert.InRange(text.Length, 1_000, 8_000);
        var read = ReportFormat.Read(new SharedLedgerEntry("one", text, TimeSpan.Zero), TimeProvider.System)!;
        Assert.Equal(5, read.Breakers.Count(breaker => breaker.State == BreakerState.Open));
        Assert.Equal(1_001, read.Breakers.Count + read.Endpoints.Count + read.Omitted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"breakers":7}""")]
    [InlineData("""{"breakers":[{"state":"Open"}]}""")]
    [InlineData("""{"breakers":[{"name":"payments","state":"Melting"}]}""")]
    [InlineData("""{"hasEnded":true}""")]
    public void What_cannot_be_read_is_left_out(string text) =>
        Assert.Null(ReportFormat.Read(new SharedLedgerEntry("one", text, TimeSpan.Zero), TimeProvider.System));

    [Theory]
    [InlineData("""{"format":9,"colour":"red","upSeconds":1e300,"beatSeconds":-1,"breakers":[null,{"name":"payments","state":3}]}""")]
    [InlineData("""{"host":"a\nb","endpoints":[{"name":"work","state":77}]}""")]
    public void What_is_odd_in_a_report_does_no_harm(string text)
    {
        var read = ReportFormat.Read(new SharedLedgerEntry("one\n", text, TimeSpan.FromSeconds(1)), TimeProvider.System)!;
        Assert.Equal("one ", read.Instance);
        Assert.DoesNotContain('\n', read.Host);
        Assert.Empty(read.Endpoints);
    }

    static async Task<IReadOnlyList<FleetReport>> UntilAsync(HoldHarness holds, Holder reader, Func<IReadOnlyList<FleetReport>, bool> wanted)
    {
        IReadOnlyList<FleetReport> read = [];
        await holds.UntilAsync(
            () =>
            {
                read = reader.Instance.Services.GetRequiredService<IFleetReports>().ReadAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult();
                return wanted(read);
            },
            "the expected reports");
        return read;
    }
}
