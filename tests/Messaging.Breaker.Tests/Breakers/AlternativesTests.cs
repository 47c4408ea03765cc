using Messaging.Breaker.Breakers;
using Messaging.Breaker.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Breakers;

public sealed class AlternativesTests : IDisposable
{
    readonly BreakerHarness _first;
    readonly BreakerHarness _second;
    readonly Alternatives _group;

    public AlternativesTests()
    {
        var clock = new FakeTimeProvider();
        _first = new BreakerHarness("payments-eu", options => options.Probes = 3, clock);
        _second = new BreakerHarness("payments-us", options => options.Probes = 5, clock);
        _group = new Alternatives([_first.Breaker, _second.Breaker]);
    }

    [Theory]
    [InlineData("closed", "closed", "runs")]
    [InlineData("closed", "open", "runs")]
    [InlineData("open", "closed", "runs")]
    [InlineData("half-open", "closed", "runs")]
    [InlineData("isolated", "closed", "runs")]
    [InlineData("open", "open", "pauses")]
    [InlineData("open", "isolated", "pauses")]
    [InlineData("half-open", "open", "3 at once")]
    [InlineData("open", "half-open", "5 at once")]
    [InlineData("isolated", "half-open", "5 at once")]
    [InlineData("half-open", "half-open", "8 at once")]
    [InlineData("open", "shadow", "runs")]
    [InlineData("half-open", "shadow", "runs")]
    [InlineData("disabled", "open", "runs")]
    public void What_an_endpoint_does_follows_from_the_states_of_both(string first, string second, string expected)
    {
        Bring(_first, first);
        Bring(_second, second);
        var does = _group.IsRefusing ? "pauses" : _group.ProbeLimit is { } probes ? FormattableString.Invariant($"{probes} at once") : "runs";
        Assert.Equal(expected, does);
        Assert.Equal(expected == "runs", _group.IsAnyClosed);
    }

    [Fact]
    public void The_reason_names_all_breakers_that_are_down_and_the_refusal_the_one_that_probes_first()
    {
        _first.Breaker.Trip("test", TimeSpan.FromMinutes(2));
        _second.Breaker.Trip("test", TimeSpan.FromMinutes(1));
        Assert.Equal("none of 'payments-eu', 'payments-us' is closed", _group.PauseReason);
        Assert.Equal(("payments-us", TimeSpan.FromMinutes(1)), (_group.Refusal().Breaker, _group.Refusal().RetryAfter));

        _first.Breaker.Isolate("test");
        _first.Breaker.Release("test");
        Assert.Equal("breaker 'payments-eu' is probing", _group.ProbeReason);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, false, false)]
    public void Requests_fail_fast_if_both_say_so_and_none_is_closed(bool first, bool second, bool expected)
    {
        _first.Breaker.Options.FailFastRequests = first;
        _second.Breaker.Options.FailFastRequests = second;
        Assert.Equal(expected, _group.FailFastRequests);
        Bring(_first, "open");
        Assert.False(_group.IsFailingFast);
        Bring(_second, "half-open");
        Assert.Equal(expected, _group.IsFailingFast);
    }

    [Fact]
    public void A_breaker_on_its_own_has_no_alternative()
    {
        var one = new Alternatives([_first.Breaker]);
        Assert.False(one.IsAnotherClosed(_first.Breaker));
        Assert.True(_group.IsAnotherClosed(_first.Breaker));
        Assert.True(_group.Are([_second.Breaker, _first.Breaker]));
        Assert.False(_group.Are([_first.Breaker]));
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    internal static void Bring(BreakerHarness harness, string state)
    {
        var breaker = harness.Breaker;
        switch (state)
        {
            case "open":
                breaker.Trip("test", TimeSpan.FromHours(1));
                break;
            case "isolated":
                breaker.Isolate("test");
                break;
            case "half-open":
                breaker.Isolate("test");
                breaker.Release("test");
                break;
            case "shadow":
                breaker.Shadow("test");
                breaker.Trip("test", TimeSpan.FromHours(1));
                break;
            case "disabled":
                breaker.Disable("test");
                break;
        }
    }
}
