using System.Net;
using System.Net.Http.Headers;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Classifying;
using Microsoft.Extensions.Time.Testing;
using Outcome = Messaging.Breaker.Engine.Outcome;

namespace Messaging.Breaker.Tests.Attribution;

public class AttributionTests
{
    readonly FakeTimeProvider _time = new();
    readonly List<Transition> _transitions = [];

    [Fact]
    public void An_exception_is_found_inside_others()
    {
        var options = new BreakerOptions().Track<IOException>().Ignore<FileNotFoundException>();
        Assert.Equal(Outcome.Failure, Classify(options, new InvalidOperationException("outer", new EndOfStreamException())));
        Assert.Equal(Outcome.Failure, Classify(options, new AggregateException(new ArgumentException(), new IOException())));
        Assert.Equal(Outcome.Ignored, Classify(options, new ArgumentException("not tracked")));
        Assert.Equal(Outcome.Ignored, Classify(options, new AggregateException(new IOException(), new FileNotFoundException())));
    }

    [Fact]
    public void Without_rules_everything_counts_and_a_request_that_the_server_rejected_was_answered()
    {
        var options = new BreakerOptions();
        Assert.Equal(Outcome.Failure, Classify(options, new ArgumentException()));
        Assert.Equal(Outcome.Failure, Classify(options, new HttpRequestException("", null, HttpStatusCode.BadGateway)));
        Assert.Equal(Outcome.Success, Classify(options, new HttpRequestException("", null, HttpStatusCode.NotFound)));
        Assert.Equal(Outcome.Ignored, Classify(options, new HttpRequestException("", null, HttpStatusCode.Unauthorized)));
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, 7, 7)]
    [InlineData(HttpStatusCode.TooManyRequests, 999_999, 3_600)]
    public void Retry_after_is_honoured_up_to_an_hour(HttpStatusCode status, int asked, int expected)
    {
        using var response = new HttpResponseMessage(status);
        response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(asked));
        Assert.Equal(TimeSpan.FromSeconds(expected), HttpOutcome.Of(response, _time.GetUtcNow()).Demand!.MinimumBreak);
        response.Headers.RetryAfter = new RetryConditionHeaderValue(_time.GetUtcNow() + TimeSpan.FromSeconds(asked));
        Assert.Equal(TimeSpan.FromSeconds(expected), HttpOutcome.Of(response, _time.GetUtcNow()).Demand!.MinimumBreak);
    }

    [Fact]
    public async Task A_failing_call_and_the_exception_it_causes_are_one_failure()
    {
        using var breaker = Breaker();
        var message = Begin(new BreakerAttempt(breaker));
        var exception = await Assert.ThrowsAsync<IOException>(async () => await breaker.ExecuteAsync(_ => throw new IOException(), TestContext.Current.CancellationToken));
        Assert.Equal(AttemptResult.Failed, Conclude(message, exception));
        Assert.Equal(new WindowSnapshot(1, 1, 0), breaker.GetSnapshot().Window);
    }

    [Fact]
    public async Task A_handler_that_fails_after_its_calls_were_answered_is_unexplained_and_counts()
    {
        using var breaker = Breaker();
        var message = Begin(new BreakerAttempt(breaker));
        await breaker.ExecuteAsync(_ => ValueTask.CompletedTask, TestContext.Current.CancellationToken);
        Assert.Equal(AttemptResult.Unexplained, Conclude(message, new IOException()));
        Assert.Equal(new WindowSnapshot(1, 1, 0), breaker.GetSnapshot().Window);
    }

    [Fact]
    public async Task A_call_that_its_handler_cancelled_counts_only_if_the_handler_fails_because_of_it()
    {
        using var breaker = Breaker();
        foreach (var exception in new[] { null, new OperationCanceledException() })
        {
            var message = Begin(new BreakerAttempt(breaker));
            using var own = new CancellationTokenSource();
            await own.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                async () => await breaker.ExecuteAsync(token => ValueTask.FromCanceled(token), own.Token));
            message.Conclude(exception, breaker.Now);
            Assert.Equal(exception is null ? AttemptResult.Succeeded : AttemptResult.Failed, message.Attempts[0].Result);
        }

        Assert.Equal(new WindowSnapshot(1, 1, 0), breaker.GetSnapshot().Window);
    }

    [Fact]
    public async Task A_call_to_one_dependency_that_fails_is_not_held_against_another()
    {
        using var payments = Breaker();
        using var database = Breaker();
        var message = Begin(new BreakerAttempt(payments), new BreakerAttempt(database));
        var exception = await Assert.ThrowsAsync<IOException>(async () => await payments.ExecuteAsync(_ => throw new IOException(), TestContext.Current.CancellationToken));
        message.Conclude(exception, payments.Now);
        Assert.Equal([AttemptResult.Failed, AttemptResult.Unrelated], message.Attempts.Select(attempt => attempt.Result));
        Assert.Equal(new WindowSnapshot(0, 0, 0), database.GetSnapshot().Window);
    }

    [Fact]
    public async Task A_failed_call_that_the_handler_recovered_from_does_not_explain_a_later_failure()
    {
        using var payments = Breaker();
        using var database = Breaker();
        var message = Begin(new BreakerAttempt(payments), new BreakerAttempt(database));
        await Assert.ThrowsAsync<IOException>(async () => await payments.ExecuteAsync(_ => throw new IOException(), TestContext.Current.CancellationToken));
        message.Conclude(new TimeoutException("the database"), database.Now);
        Assert.Equal(AttemptResult.Failed, message.Find(database)!.Result);
        Assert.Equal(new WindowSnapshot(1, 1, 0), database.GetSnapshot().Window);
    }

    [Fact]
    public async Task A_call_that_one_breaker_refused_is_not_held_against_another()
    {
        using var payments = Breaker();
        using var database = new CircuitBreaker("database", new BreakerOptions(), _time, new Random(1), _transitions.Add);
        var message = Begin(new BreakerAttempt(payments), new BreakerAttempt(database));
        payments.Trip("test");
        var exception = await Assert.ThrowsAsync<BreakerOpenException>(
            async () => await payments.ExecuteAsync(_ => ValueTask.CompletedTask, TestContext.Current.CancellationToken));
        message.Conclude(exception, database.Now);
        Assert.Equal([AttemptResult.Refused, AttemptResult.Unrelated], message.Attempts.Select(attempt => attempt.Result));
        Assert.Equal(new WindowSnapshot(0, 0, 0), database.GetSnapshot().Window);
    }

    [Fact]
    public async Task A_retested_message_that_succeeds_as_a_probe_counts_as_a_probe()
    {
        using var breaker = Breaker();
        breaker.Isolate("test");
        breaker.Release("test");
        for (var probe = 0; probe < 3; probe++)
        {
            var message = Begin(new BreakerAttempt(breaker) { IsRetest = true });
            await breaker.ExecuteAsync(_ => ValueTask.CompletedTask, TestContext.Current.CancellationToken);
            message.Conclude(null, breaker.Now);
        }

        Assert.Equal(BreakerState.Closed, breaker.State);
    }

    [Fact]
    public void A_rule_that_throws_does_not_apply()
    {
        var options = new BreakerOptions().Ignore<IOException>(exception => exception.InnerException!.Message.Length > 0);
        Assert.Equal(Outcome.Failure, Classify(options, new IOException()));
    }

    [Fact]
    public async Task A_refused_call_is_not_made_and_says_when_to_come_back()
    {
        using var breaker = Breaker();
        breaker.Trip("test");
        var exception = await Assert.ThrowsAsync<BreakerOpenException>(
            async () => await breaker.ExecuteAsync<int>(_ => throw new IOException("made"), TestContext.Current.CancellationToken));
        Assert.Equal(("payments", BreakerState.Open, TimeSpan.FromSeconds(5)), (exception.Breaker, exception.State, exception.RetryAfter));
    }

    [Fact]
    public void The_alarm_ends_a_break_without_any_message()
    {
        using var breaker = Breaker();
        breaker.Trip("test");
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        Assert.Equal([BreakerState.Open, BreakerState.HalfOpen], _transitions.Select(transition => transition.To));
    }

    /// <summary>Begins a message: from here on, the running code handles it.</summary>
    static InFlightMessage Begin(params BreakerAttempt[] attempts)
    {
        var message = new InFlightMessage([.. attempts], null, new FakeTimeProvider(), CancellationToken.None);
        Assert.Null(message.TryAcquireAll());
        InFlightMessage.Current = message;
        message.Begin(attempts[0].Breaker.Now);
        return message;
    }

    static AttemptResult Conclude(InFlightMessage message, Exception? exception)
    {
        var breaker = message.Attempts[0].Breaker;
        message.Conclude(exception, breaker.Now);
        return message.Attempts[0].Result;
    }

    static Outcome Classify(BreakerOptions options, Exception exception) => options.Exceptions.Classify(exception).Outcome;

    CircuitBreaker Breaker() => new("payments", new BreakerOptions(), _time, new Random(1), _transitions.Add);
}
