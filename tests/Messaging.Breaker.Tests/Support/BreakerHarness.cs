using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Support;

/// <summary>A breaker on a fake clock, with its transitions.</summary>
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

    public void Dispose() => Breaker.Dispose();
}
