using Messaging.Breaker.RabbitMq.Sharing;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.RabbitMq.Sharing;

public sealed class FleetStatesTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    readonly FleetStates _ledger;

    public FleetStatesTests() => _ledger = new FleetStates(_time);

    [Fact]
    public void The_next_coordinator_goes_on_from_the_snapshot()
    {
        _ledger.Apply(new Change(Open(1)));
        _ledger.Apply(new LeaseProbe("payments", 1, "one", 5 * Second));
        _ledger.Apply(new Announce("one", ["payments"], 5 * Second));

        var snapshot = _ledger.TakeSnapshot();
        var next = Follow(snapshot, new StateAges(_time));

        Assert.False(next.Apply(new LeaseProbe("payments", 1, "two", 5 * Second)).IsGranted);
        Assert.Equal(2, next.Apply(new Announce("two", [], 5 * Second)).Census!.Instances);
        Assert.Equal(2, Assert.Single(next.Apply(new Change(Open(2))).States!).Version);
        Assert.Equal(snapshot.Revision + 1, next.TakeSnapshot().Revision);
    }

    [Fact]
    public void A_coordinator_that_has_heard_of_a_state_knows_its_age_by_its_own_clock()
    {
        var ages = new StateAges(_time);
        _ledger.Apply(new Change(Open(1)));
        ages.Hear(Assert.Single(_ledger.TakeChanges()));
        _time.Advance(3 * Second);

        var next = Follow(_ledger.TakeSnapshot() with { WrittenAt = _time.GetUtcNow().AddHours(-1) }, ages);

        Assert.Equal(3 * Second, Assert.Single(next.States).Age);
    }

    [Theory]
    [InlineData(-4, 7)]
    [InlineData(60, 3)]
    public void A_coordinator_that_has_not_trusts_the_time_of_the_last_one_but_makes_no_state_younger(int writtenAfter, int age)
    {
        _ledger.Apply(new Change(Open(1)));
        _time.Advance(3 * Second);
        var ages = new StateAges(_time);
        ages.Hear(Open(1) with { Instance = "another", Age = 30 * Second });

        var next = Follow(_ledger.TakeSnapshot() with { WrittenAt = _time.GetUtcNow().AddSeconds(writtenAfter) }, ages);

        Assert.Equal(age * Second, Assert.Single(next.States).Age);
    }

    [Fact]
    public void Leases_and_announcements_restart_with_the_next_coordinator_and_still_end()
    {
        _ledger.Apply(new Change(Open(1)));
        _ledger.Apply(new LeaseProbe("payments", 1, "one", 5 * Second));
        _ledger.Apply(new Announce("one", [], 5 * Second));
        _time.Advance(4 * Second);

        var next = Follow(_ledger.TakeSnapshot(), new StateAges(_time));
        _time.Advance(4 * Second);
        Assert.False(next.Apply(new LeaseProbe("payments", 1, "two", Second)).IsGranted);
        _time.Advance(Second);

        Assert.True(next.Apply(new LeaseProbe("payments", 1, "two", Second)).IsGranted);
        Assert.Equal(1, next.Apply(new Announce("two", [], Second)).Census!.Instances);
    }

    [Fact]
    public void What_has_expired_is_not_handed_on()
    {
        _ledger.Apply(new Change(Open(1)));
        _ledger.Apply(new LeaseProbe("payments", 1, "one", Second));
        _ledger.Apply(new Announce("one", [], Second));
        _time.Advance(Second);

        var snapshot = _ledger.TakeSnapshot();

        Assert.Empty(snapshot.Leases);
        Assert.Empty(snapshot.Members);
    }

    [Fact]
    public void Only_what_the_next_coordinator_must_know_is_worth_writing()
    {
        _ledger.Apply(new Change(Open(1)));
        _ledger.Apply(new LeaseProbe("payments", 1, "one", Second));
        _ledger.Apply(new Announce("one", ["payments"], Second));
        _ledger.TakeSnapshot();

        _ledger.Apply(new Read(["payments"]));
        _ledger.Apply(new Change(Open(1)));
        _ledger.Apply(new LeaseProbe("payments", 1, "one", Second));
        _ledger.Apply(new LeaseProbe("payments", 1, "two", Second));
        _ledger.Apply(new Announce("one", ["payments"], Second));
        Assert.False(_ledger.IsDirty);

        _ledger.Apply(new Announce("one", [], Second));
        Assert.True(_ledger.IsDirty);
    }

    [Fact]
    public void A_command_that_comes_twice_changes_nothing_the_second_time()
    {
        _ledger.Apply(new Change(Open(1)));
        _ledger.TakeChanges();

        var again = Assert.Single(_ledger.Apply(new Change(Open(1))).States!);

        Assert.Equal(Open(1), again);
        Assert.Empty(_ledger.TakeChanges());
    }

    [Fact]
    public void An_instance_that_leaves_is_not_counted_and_holds_no_lease()
    {
        _ledger.Apply(new Change(Open(1)));
        _ledger.Apply(new LeaseProbe("payments", 1, "one", 60 * Second));
        _ledger.Apply(new Announce("one", ["payments"], 60 * Second));

        _ledger.Apply(new Leave("one"));

        Assert.True(_ledger.Apply(new LeaseProbe("payments", 1, "two", Second)).IsGranted);
        Assert.Equal(1, _ledger.Apply(new Announce("two", [], Second)).Census!.Instances);
    }

    static SharedBreakerState Open(long version) => new()
    {
        Breaker = "payments",
        Version = version,
        State = BreakerState.Open,
        Cause = TransitionCause.FailureRatio,
        Reason = "60 % failed",
        Instance = "one",
        Length = 5 * Second,
        Age = TimeSpan.Zero,
    };

    FleetStates Follow(Snapshot snapshot, StateAges ages)
    {
        var next = new FleetStates(_time);
        next.Load(snapshot, ages);
        return next;
    }
}
