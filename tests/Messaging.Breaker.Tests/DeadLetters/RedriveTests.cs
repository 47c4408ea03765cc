using Messaging.Breaker.DeadLetters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.DeadLetters;

/// <summary>What a redrive does over times for which no test with a broker can wait.</summary>
public sealed class RedriveTests : IAsyncDisposable
{
    static readonly RedriveOrder Order = new() { Reason = "test" };

    readonly FakeTimeProvider _time = new();
    readonly FakeDeadLetterBroker _broker = new();
    readonly ServiceProvider _services;

    public RedriveTests()
    {
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_time)
            .AddMessagingBreaker(breakers => breakers.Add("payments").OfferDeadLetters(options => options.Queues.Add("orders_error")))
            .BuildServiceProvider();
        // A queue that is only named in the options is offered on the broker of some endpoint.
        _services.GetRequiredService<KnownQueues>().Add("orders", "orders_error", "orders_skipped", _broker);
        _broker.Letters.AddRange(Enumerable.Range(0, 10).Select(number => TestLetter.Of(number, "bad")));
    }

    IDeadLetters DeadLetters => _services.GetRequiredService<IDeadLetters>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_target_that_stays_full_is_given_up_after_half_a_minute()
    {
        _broker.Result = MoveResult.Refused;
        var running = Start();
        await PassAsync(running, TimeSpan.FromSeconds(29));
        Assert.Equal(DeadLetterRunState.Paused, DeadLetters.Runs[0].State);
        Assert.False(running.IsCompleted);

        await PassAsync(running, TimeSpan.FromSeconds(3));
        var run = await running;
        Assert.Equal((DeadLetterRunState.Stopped, 0L, 10), (run.State, run.Moved, _broker.Letters.Count));
        Assert.Contains("has reached its x-max-length", run.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redrive_goes_on_when_its_target_has_room_again()
    {
        _broker.Result = MoveResult.Refused;
        var running = Start();
        await PassAsync(running, TimeSpan.FromSeconds(20));
        _broker.Result = MoveResult.Confirmed;
        await PassAsync(running, TimeSpan.FromSeconds(20));
        Assert.Equal((DeadLetterRunState.Completed, 10L, 0), ((await running).State, (await running).Moved, _broker.Letters.Count));
    }

    [Fact]
    public async Task Dead_letters_held_for_too_long_are_put_back_and_read_again()
    {
        _broker.Waiting = 100;
        var running = Start();
        await PassAsync(running, TimeSpan.FromSeconds(5));
        Assert.Equal((1, 0), (_broker.Sessions, _broker.Moved.Count));
        _broker.IsStale = true;
        await PassAsync(running, TimeSpan.FromSeconds(1));
        Assert.Equal((2, 0), (_broker.Sessions, _broker.Moved.Count));

        _broker.Waiting = 0;
        await PassAsync(running, TimeSpan.FromSeconds(30));
        var run = await running;
        Assert.Equal((DeadLetterRunState.Completed, 10L, 10L, 10L), (run.State, run.Found, run.Read, run.Moved));
    }

    [Fact]
    public async Task A_redrive_listens_for_failures_as_soon_as_it_can()
    {
        _broker.Waiting = 100;
        _broker.CanListen = false;
        var running = Start();
        await PassAsync(running, TimeSpan.FromSeconds(5));
        Assert.Empty(_broker.Listeners);
        _broker.CanListen = true;
        await PassAsync(running, TimeSpan.FromSeconds(3));
        var failed = Assert.Single(_broker.Listeners);

        _broker.Waiting = 0;
        await PassAsync(running, TimeSpan.FromSeconds(1));
        failed(FaultDetails.Of(new InvalidOperationException("again")));
        await PassAsync(running, TimeSpan.FromSeconds(30));
        Assert.Equal((10L, 1L), ((await running).Moved, (await running).FailedAgain));
    }

    Task<DeadLetterRun> Start() => DeadLetters.RedriveAsync("orders_error", Order, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Lets time pass in steps that are shorter than those of a redrive.</summary>
    async Task PassAsync(Task running, TimeSpan time)
    {
        for (var until = _time.GetUtcNow() + time; _time.GetUtcNow() < until && !running.IsCompleted;)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
