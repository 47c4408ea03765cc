using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Tests.Breakers;
using Messaging.Breaker.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Attribution;

public sealed class AlternativeAttemptTests : IDisposable
{
    readonly FakeTimeProvider _time = new();
    readonly BreakerHarness _first;
    readonly BreakerHarness _second;
    readonly Alternatives _group;

    public AlternativeAttemptTests()
    {
        _first = new BreakerHarness("payments-eu", clock: _time);
        _second = new BreakerHarness("payments-us", clock: _time);
        _group = new Alternatives([_first.Breaker, _second.Breaker]);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("closed", "closed", true, "counted", "counted", "payments-eu")]
    [InlineData("open", "closed", true, "none", "counted", "payments-us")]
    [InlineData("closed", "open", true, "counted", "none", "payments-eu")]
    [InlineData("isolated", "closed", true, "none", "counted", "payments-us")]
    [InlineData("half-open", "closed", true, "probe", "counted", "payments-eu")]
    [InlineData("closed", "half-open", true, "counted", "probe", "payments-us")]
    [InlineData("half-open", "half-open", true, "probe", "none", "payments-eu")]
    [InlineData("half-open", "open", true, "probe", "none", "payments-eu")]
    [InlineData("open", "half-open", true, "none", "probe", "payments-us")]
    [InlineData("open", "shadow", true, "none", "uncounted", "payments-us")]
    [InlineData("shadow", "closed", true, "uncounted", "counted", "payments-eu")]
    [InlineData("disabled", "open", true, "uncounted", "none", "payments-eu")]
    [InlineData("open", "open", false, "none", "none", null)]
    [InlineData("open", "isolated", false, "none", "none", null)]
    public void The_states_of_both_breakers_decide_a_messages_permits_and_which_breaker_it_calls(
        string first, string second, bool isAdmitted, string permitOfFirst, string permitOfSecond, string? called)
    {
        AlternativesTests.Bring(_first, first);
        AlternativesTests.Bring(_second, second);
        var message = NewMessage();
        Assert.Equal(isAdmitted, message.TryAcquireAll() is null);
        Assert.Equal([permitOfFirst, permitOfSecond], message.Attempts.Select(attempt => Describe(attempt.Permit)));
        message.Begin(0);
        InFlightMessage.Current = message;
        if (called is null)
            Assert.Throws<BreakerOpenException>(() => Choose());
        else
            Assert.Equal(called, Choose());
    }

    [Fact]
    public void When_one_breakers_probes_are_taken_the_other_probes_and_then_messages_are_refused()
    {
        AlternativesTests.Bring(_first, "half-open");
        AlternativesTests.Bring(_second, "half-open");
        var chosen = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var message = Admit();
            chosen.Add(Choose());
            Assert.Equal(1, message.Attempts.Count(attempt => attempt.Permit.IsProbe));
        }

        Assert.Equal(["payments-eu", "payments-eu", "payments-eu", "payments-us", "payments-us", "payments-us"], chosen);
        Assert.NotNull(NewMessage().TryAcquireAll());
    }

    [Fact]
    public void Messages_beyond_the_probes_go_to_the_closed_breaker()
    {
        AlternativesTests.Bring(_first, "half-open");
        var chosen = Enumerable.Range(0, 5).Select(_ =>
        {
            Admit();
            return Choose();
        });
        Assert.Equal(["payments-eu", "payments-eu", "payments-eu", "payments-us", "payments-us"], chosen);
    }

    [Fact]
    public void A_message_that_failed_as_a_probe_does_not_probe_again_while_another_breaker_is_closed()
    {
        AlternativesTests.Bring(_first, "half-open");
        var message = Admit();
        Assert.Equal("payments-eu", Choose());
        message.Conclude(new IOException(), 0);
        var attempt = message.Attempts[0];
        attempt.History = new FailureHistory(_first.Breaker);
        attempt.History.FailAsProbe(_first.Breaker.Generation, 1);
        Assert.Null(message.TryAcquireAll());
        message.Begin(0);
        Assert.Equal("payments-us", Choose());
        Assert.False(attempt.Permit.IsGranted);

        // The other breaker is open as well now, so the message probes here again.
        message.Conclude(null, 0);
        AlternativesTests.Bring(_second, "open");
        Assert.Null(message.TryAcquireAll());
        Assert.True(attempt.Permit.IsProbe);
    }

    [Fact]
    public async Task A_failing_call_counts_against_the_breaker_that_was_called()
    {
        var message = Admit();
        var exception = await Assert.ThrowsAsync<IOException>(async () => await _first.Breaker.ExecuteAsync(_ => throw new IOException(), Stop));
        message.Conclude(exception, 0);
        Assert.Equal([AttemptResult.Failed, AttemptResult.Unrelated], message.Attempts.Select(attempt => attempt.Result));
        Assert.Equal((1, 0), (_first.Window.Total, _second.Window.Total));
    }

    [Fact]
    public async Task A_failure_after_an_answer_does_not_count_against_the_other_breaker()
    {
        var message = Admit();
        await _second.Breaker.ExecuteAsync(_ => ValueTask.CompletedTask, Stop);
        message.Conclude(new IOException("a page"), 0);
        Assert.Equal([AttemptResult.Unrelated, AttemptResult.Unexplained], message.Attempts.Select(attempt => attempt.Result));
        Assert.Equal((0, 1), (_first.Window.Failures, _second.Window.Failures));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_attributed_calls_the_handlers_result_counts_for_the_chosen_breaker(bool fails)
    {
        AlternativesTests.Bring(_first, "open");
        var message = Admit();
        Assert.Equal("payments-us", Choose());
        message.Conclude(fails ? new IOException() : null, 0);
        Assert.Equal(new WindowSnapshot(1, fails ? 1 : 0, 0), _second.Window);
        Assert.Equal(fails ? AttemptResult.Failed : AttemptResult.Succeeded, message.Attempts[1].Result);
    }

    [Fact]
    public void A_handler_that_fails_before_it_chooses_counts_against_the_breaker_it_would_have_called()
    {
        AlternativesTests.Bring(_first, "open");
        var message = Admit();
        message.Conclude(new FormatException(), 0);
        Assert.Equal([AttemptResult.Unrelated, AttemptResult.Failed], message.Attempts.Select(attempt => attempt.Result));
    }

    [Fact]
    public void A_probe_that_is_not_used_is_given_back()
    {
        AlternativesTests.Bring(_first, "half-open");
        for (var i = 0; i < 10; i++)
        {
            var message = Admit();
            message.Find(_second.Breaker)!.IsChosen = true;
            message.Conclude(null, 0);
        }

        Assert.Equal(BreakerState.HalfOpen, _first.Breaker.State);
        Admit();
        Assert.Equal("payments-eu", Choose());
    }

    [Fact]
    public void A_breaker_that_opens_before_the_consumer_starts_does_not_stop_it_if_another_is_closed()
    {
        var message = Admit();
        AlternativesTests.Bring(_first, "open");
        message.Start();
        Assert.Equal("payments-us", Choose());

        AlternativesTests.Bring(_second, "isolated");
        Assert.Throws<BreakerOpenException>(message.Start);
        message.Conclude(new BreakerOpenException("payments-eu", BreakerState.Open, "test", null), 0);
        Assert.Contains(AttemptResult.Refused, message.Attempts.Select(attempt => attempt.Result));
    }

    [Fact]
    public void Outside_a_message_the_first_closed_breaker_is_chosen_or_else_one_that_is_probing()
    {
        InFlightMessage.Current = null;
        Assert.Equal("payments-eu", Choose());
        AlternativesTests.Bring(_first, "open");
        Assert.Equal("payments-us", Choose());
        AlternativesTests.Bring(_second, "half-open");
        Assert.Equal("payments-us", Choose());
        _second.Breaker.Isolate("test");
        Assert.Equal("payments-eu", Assert.Throws<BreakerOpenException>(() => Choose()).Breaker);
    }

    public void Dispose()
    {
        InFlightMessage.Current = null;
        _first.Dispose();
        _second.Dispose();
    }

    static string Describe(Permit permit) => permit switch
    {
        { IsProbe: true } => "probe",
        { IsCounted: true } => "counted",
        { IsGranted: true } => "uncounted",
        _ => "none",
    };

    string Choose() => FirstClosed.Of(_group.Breakers).Name;

    InFlightMessage NewMessage() => new(
        [new AlternativeAttempt(_first.Breaker, _group), new AlternativeAttempt(_second.Breaker, _group)], null, _time, CancellationToken.None);

    InFlightMessage Admit()
    {
        var message = NewMessage();
        Assert.Null(message.TryAcquireAll());
        message.Begin(0);
        InFlightMessage.Current = message;
        return message;
    }
}
