using System.Net;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Classifying;
using Outcome = Messaging.Breaker.Engine.Outcome;

namespace Messaging.Breaker.Tests.Attribution;

/// <summary>What an attempt says about one breaker, case by case.</summary>
public class DiagnosisTests
{
    static readonly IOException Thrown = new("of the call");

    [Fact]
    public void With_attributed_calls_the_calls_and_the_exception_decide() => AssertEach<Exception?>(
        (calls, exception) => Of(calls, exception, OtherDependencies.None, isAttributed: true, new ExceptionRules()),
        (Calls.None, null, AttemptResult.Succeeded, null),
        (Calls.Answered, null, AttemptResult.Succeeded, Outcome.Success),
        (Calls.NoSign, null, AttemptResult.Succeeded, null),
        (Calls.Cancelled, null, AttemptResult.Succeeded, null),
        (Calls.Failed, null, AttemptResult.Succeeded, null),
        (Calls.Failed | Calls.Answered, null, AttemptResult.Succeeded, Outcome.Success),
        (Calls.None, new ArgumentException(), AttemptResult.Unexplained, Outcome.Failure),
        (Calls.Answered, new ArgumentException(), AttemptResult.Unexplained, Outcome.Failure),
        (Calls.Answered, new HttpRequestException("", null, HttpStatusCode.NotFound), AttemptResult.Unexplained, Outcome.Failure),
        (Calls.NoSign, new HttpRequestException("", null, HttpStatusCode.Unauthorized), AttemptResult.Unexplained, Outcome.Failure),
        (Calls.Cancelled, new OperationCanceledException(), AttemptResult.Failed, Outcome.Failure),
        (Calls.Failed, Thrown, AttemptResult.Failed, null),
        (Calls.Failed | Calls.Answered, Thrown, AttemptResult.Failed, null),
        (Calls.Failed, new ArgumentException("in its place"), AttemptResult.Failed, null),
        (Calls.Refused, new ArgumentException(), AttemptResult.Refused, null),
        (Calls.None, new Polly.CircuitBreaker.BrokenCircuitException(), AttemptResult.Failed, Outcome.Failure),
        (Calls.None, new InvalidOperationException("", new Polly.CircuitBreaker.IsolatedCircuitException()), AttemptResult.Failed, Outcome.Failure),
        (Calls.Answered, new OrderConcurrencyException(), AttemptResult.Unrelated, Outcome.Success),
        (Calls.None, new OrderConcurrencyException(), AttemptResult.Unrelated, null));

    [Fact]
    public void Without_attributed_calls_the_exception_decides() => AssertEach<Exception?>(
        (calls, exception) => Of(calls, exception, OtherDependencies.None, isAttributed: false, new ExceptionRules()),
        (Calls.None, null, AttemptResult.Succeeded, Outcome.Success),
        (Calls.None, new ArgumentException(), AttemptResult.Failed, Outcome.Failure),
        (Calls.None, new HttpRequestException("", null, HttpStatusCode.BadGateway), AttemptResult.Failed, Outcome.Failure),
        (Calls.None, new HttpRequestException("", null, HttpStatusCode.NotFound), AttemptResult.Unexplained, Outcome.Failure),
        (Calls.None, new HttpRequestException("", null, HttpStatusCode.Forbidden), AttemptResult.Unexplained, Outcome.Failure),
        (Calls.None, new OrderConcurrencyException(), AttemptResult.Unrelated, Outcome.Ignored));

    [Fact]
    public void Rules_of_the_owner_decide_what_an_exception_means()
    {
        var rules = new BreakerOptions().Track<IOException>().Ignore<FileNotFoundException>().TripImmediately<TimeoutException>().Exceptions;
        AssertEach<Exception>(
            (calls, exception) => Of(calls, exception, OtherDependencies.Unclear, isAttributed: true, rules),
            (Calls.None, new IOException(), AttemptResult.Failed, Outcome.Failure),
            (Calls.Answered, new IOException(), AttemptResult.Failed, Outcome.Failure),
            (Calls.Answered, new ArgumentException(), AttemptResult.Unrelated, Outcome.Success),
            (Calls.None, new ArgumentException(), AttemptResult.Unrelated, Outcome.Ignored),
            (Calls.Answered, new FileNotFoundException(), AttemptResult.Unrelated, Outcome.Success),
            (Calls.Answered, new TimeoutException(), AttemptResult.Failed, Outcome.Failure));
    }

    [Fact]
    public void A_failure_that_another_dependency_explains_is_unrelated_unless_a_call_failed() => AssertEach(
        (calls, others) => Of(calls, new ArgumentException(), others, isAttributed: true, new ExceptionRules()),
        (Calls.None, OtherDependencies.AtFault, AttemptResult.Unrelated, null),
        (Calls.Answered, OtherDependencies.AtFault, AttemptResult.Unrelated, Outcome.Success),
        (Calls.Cancelled, OtherDependencies.AtFault, AttemptResult.Unrelated, null),
        (Calls.Failed, OtherDependencies.AtFault, AttemptResult.Failed, null),
        (Calls.Answered, OtherDependencies.Unclear, AttemptResult.Unexplained, Outcome.Failure));

    [Fact]
    public void Another_breakers_refusal_trips_no_breaker_that_may_have_nothing_to_do_with_it()
    {
        var diagnosis = Diagnosis.Of(null, new Polly.CircuitBreaker.BrokenCircuitException(), OtherDependencies.Unclear, isAttributed: true, new ExceptionRules());
        Assert.Equal(AttemptResult.Unexplained, diagnosis.Result);
        Assert.Null(diagnosis.Outcome!.Value.Demand);
    }

    [Flags]
    public enum Calls
    {
        None = 0,
        Answered = 1,
        Failed = 2,
        Cancelled = 4,
        Refused = 8,
        NoSign = 16,
    }

    /// <summary>Each case: the calls, what else is known, the result, and the outcome that remains to be counted.</summary>
    static void AssertEach<T>(Func<Calls, T, (AttemptResult, Outcome?)> diagnose, params (Calls Calls, T Other, AttemptResult Result, Outcome? Counted)[] cases) =>
        Assert.All(cases, each => Assert.Equal((each.Result, each.Counted), diagnose(each.Calls, each.Other)));

    sealed class OrderConcurrencyException : Exception;

    static (AttemptResult, Outcome?) Of(Calls calls, Exception? exception, OtherDependencies others, bool isAttributed, ExceptionRules rules)
    {
        var diagnosis = Diagnosis.Of(Observed(calls), exception, others, isAttributed, rules);
        return (diagnosis.Result, diagnosis.Outcome?.Outcome);
    }

    static ObservedCalls? Observed(Calls calls)
    {
        if (calls == Calls.None)
            return null;
        var observed = new ObservedCalls { WereCancelled = calls.HasFlag(Calls.Cancelled), WereRefused = calls.HasFlag(Calls.Refused) };
        if (calls.HasFlag(Calls.Answered))
            observed.Answer(1);
        if (calls.HasFlag(Calls.Failed))
            observed.Fail(Thrown);
        return observed;
    }
}
