using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Attribution;

/// <summary>Calls that have taken longer than a second and are still running.</summary>
public sealed class OverdueCallTests : IDisposable
{
    readonly FakeTimeProvider _time = new();
    readonly InFlightMessages _messages = new();
    readonly CircuitBreaker _breaker;

    public OverdueCallTests()
    {
        var options = new BreakerOptions { SlowCallDuration = TimeSpan.FromSeconds(1), SlowCallRatio = 1, MinimumThroughput = 1_000, WindowCalls = 1_000 };
        _breaker = new CircuitBreaker("payments", options, _time, new Random(1), _ => { });
        _breaker.Messages.Add(_messages);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Ten_calls_that_hang_trip_before_any_of_them_ends()
    {
        _ = Hang(9);
        Pass(2);
        Assert.Equal(BreakerState.Closed, _breaker.State);
        _ = Hang(1);
        Pass(2);
        Assert.Equal((BreakerState.Open, "10 failures or slow calls in a row"), (_breaker.State, _breaker.GetSnapshot().Reason));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_overdue_call_counts_once_in_the_row_and_once_in_the_window(bool fails)
    {
        var answer = new TaskCompletionSource();
        var hanging = Hang(6, answer);
        Pass(2);
        Assert.Equal(0, _breaker.GetSnapshot().Window.Total);
        if (fails)
            answer.SetException(new TimeoutException());
        else
            answer.SetResult();
        await Task.WhenAll(hanging);
        Assert.Equal(fails ? new WindowSnapshot(6, 6, 0) : new WindowSnapshot(6, 0, 6), _breaker.GetSnapshot().Window);
        Assert.Equal(BreakerState.Closed, _breaker.State);

        _ = Hang(4);
        Pass(2);
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public async Task A_success_in_between_ends_the_row()
    {
        _ = Hang(9);
        Pass(2);
        await HandleAsync(_ => Task.CompletedTask);
        _ = Hang(9);
        Pass(2);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public async Task A_call_that_ends_in_time_is_not_overdue_however_long_its_handler_runs()
    {
        var end = new TaskCompletionSource();
        var handlers = Enumerable.Range(0, 20).Select(_ => HandleAsync(_ => Task.CompletedTask, end.Task)).ToList();
        Pass(60);
        Assert.Equal(BreakerState.Closed, _breaker.State);
        end.SetResult();
        await Task.WhenAll(handlers);
        Assert.Equal(new WindowSnapshot(20, 0, 0), _breaker.GetSnapshot().Window);
    }

    [Fact]
    public void Calls_that_are_answered_just_in_time_are_not_overdue()
    {
        var answers = new TaskCompletionSource[20];
        for (var half = 0; half < 6; half++)
        {
            for (var handler = 0; handler < answers.Length; handler++)
            {
                answers[handler]?.SetResult();
                answers[handler] = new TaskCompletionSource();
            }

            foreach (var answer in answers)
                _ = HandleAsync(_ => answer.Task);
            Pass(0.9);
        }

        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void Without_attributed_calls_the_handlers_run_stands_for_them()
    {
        for (var handler = 0; handler < 10; handler++)
            Begin();
        Pass(2);
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public void A_probe_that_hangs_has_failed()
    {
        _breaker.Trip("test");
        Pass(5);
        _ = Hang(2);
        Assert.Equal(BreakerState.HalfOpen, _breaker.State);
        Pass(2);
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public void Without_a_limit_nothing_is_overdue()
    {
        _breaker.Reconfigure(new BreakerOptions());
        _ = Hang(20);
        Pass(600);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    public void Dispose() => _breaker.Dispose();

    List<Task> Hang(int calls, TaskCompletionSource? answer = null)
    {
        answer ??= new TaskCompletionSource();
        return [.. Enumerable.Range(0, calls).Select(_ => HandleAsync(_ => answer.Task))];
    }

    InFlightMessage Begin()
    {
        var message = new InFlightMessage([new BreakerAttempt(_breaker)], null, _time, Stop);
        Assert.Null(message.TryAcquireAll());
        _messages.Enter(message);
        message.Begin(_breaker.Now);
        return message;
    }

    async Task HandleAsync(Func<CancellationToken, Task> call, Task? rest = null)
    {
        var message = Begin();
        InFlightMessage.Current = message;
        Exception? thrown = null;
        try
        {
            await _breaker.ExecuteAsync(async token => await call(token), Stop);
            await (rest ?? Task.CompletedTask);
        }
        catch (TimeoutException exception)
        {
            thrown = exception;
        }

        message.End();
        message.Conclude(thrown, _breaker.Now);
    }

    void Pass(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
