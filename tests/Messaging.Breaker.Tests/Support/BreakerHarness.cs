using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Support;

/// <summary>A breaker on a fake clock, with what it said.</summary>
sealed class BreakerHarness : IDisposable
{
    public static readonly TimeSpan Call = TimeSpan.FromMilliseconds(1);

    public BreakerHarness(string name = "payments", Action<BreakerOptions>? configure = null, FakeTimeProvider? clock = null)
    {
        configure?.Invoke(Options);
        Clock = clock ?? new FakeTimeProvider();
        Breaker = new CircuitBreaker(name, Options, Clock, new Random(1), Transitions.Add);
    }

    public BreakerOptions Options { get; } = new();

    public FakeTimeProvider Clock { get; }

    public CircuitBreaker Breaker { get; }

    public List<Transition> Transitions { get; } = [];

    public WindowSnapshot Window => Breaker.GetSnapshot().Window;

    public void Record(Outcome outcome) => Record(Breaker.TryAcquire(), outcome);

    public void Record(Permit permit, Outcome outcome, long? startedAt = null) =>
        Breaker.Record(permit, outcome, startedAt ?? Breaker.Now, 0, Breaker.Now);

    public void GoHalfOpen()
    {
        Breaker.Trip("test");
        Clock.Advance(Options.BreakDuration);
        Assert.Equal(BreakerState.HalfOpen, Breaker.State);
    }

    /// <summary>A message on its way, admitted by this breaker and the others.</summary>
    public MessageHandling Message(params BreakerHarness[] others)
    {
        var handling = new MessageHandling([new Passage(Breaker), .. others.Select(other => new Passage(other.Breaker))], Clock, CancellationToken.None);
        Assert.Null(handling.TryAcquireAll());
        return handling;
    }

    /// <summary>Runs a handler as the outcome filter does, and says what it meant for this breaker, then for the others.</summary>
    public async Task<AttemptResult[]> HandleAsync(MessageHandling handling, Func<Task> handler, bool isRetest = false)
    {
        var startedAt = Breaker.Now;
        Exception? failure = null;
        MessageHandling.Current = handling;
        try
        {
            await handler();
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        finally
        {
            MessageHandling.Current = null;
        }

        return [.. handling.Passages.Select(passage => passage.Conclude(failure, startedAt, Breaker.Now, isRetest))];
    }

    public void Dispose() => Breaker.Dispose();
}
