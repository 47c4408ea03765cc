using System.Text;
using System.Text.Json;
using Messaging.Breaker.RabbitMq.Sharing;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.RabbitMq.Sharing;

/// <summary>What a buggy peer may have put into the queues.</summary>
public sealed class HostileMessageTests : IDisposable
{
    const string Good = """{"breaker":"payments","version":4,"state":"Open","mode":null,"cause":"Operator","reason":"r","instance":"one","length":"00:00:30","age":"00:00:00"}""";

    readonly FakeTimeProvider _time = new();
    readonly LogRecorder _log = new();

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"breaker":null,"version":1}""")]
    [InlineData("""{"breaker":"orders","version":9223372036854775807,"state":"Open","cause":"Operator","reason":"r","instance":"one"}""")]
    [InlineData("""{"breaker":"orders","version":1,"state":99,"cause":"Operator","reason":"r","instance":"one"}""")]
    public void A_bad_state_in_a_snapshot_costs_only_itself(string bad)
    {
        var ledger = Load($$"""{"revision":1,"writtenAt":"2026-01-01T00:00:00Z","states":[{{bad}},{{Good}}],"leases":[null,{{bad}}],"members":[null,{{bad}}]}""");

        Assert.Equal("payments", Assert.Single(ledger.States).Breaker);
        Assert.Equal(1, ledger.Apply(new Announce("one", [], TimeSpan.FromSeconds(5))).Census!.Instances);
        Assert.Equal(5, Assert.Single(ledger.Apply(new Change(ledger.States[0] with { Version = 5 })).States!).Version);
        Assert.NotEqual(0, _log.Count("an entry is skipped"));
    }

    [Fact]
    public void An_announcement_with_nulls_and_a_life_of_a_day_breaks_no_later_one()
    {
        var ledger = new FleetStates(_time);
        ledger.Apply(new Announce("forged", [null!, "payments", new string('x', 5_000)], TimeSpan.FromDays(1)));

        var census = ledger.Apply(new Announce("one", ["payments"], TimeSpan.FromSeconds(5))).Census!;
        Assert.Equal((2, 2), (census.Instances, census.Tripped["payments"]));
        var next = new FleetStates(_time);
        next.Load(ledger.TakeSnapshot(), new StateAges(_time));
        Assert.Equal(2, next.Apply(new Announce("one", [], TimeSpan.FromSeconds(5))).Census!.Instances);

        _time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(1, ledger.Apply(new Announce("one", [], TimeSpan.FromSeconds(5))).Census!.Instances);
    }

    [Fact]
    public void An_endless_length_does_not_overflow()
    {
        var ledger = new FleetStates(_time);
        _time.Advance(TimeSpan.FromSeconds(1));
        ledger.Apply(new Change(State(1) with { Length = TimeSpan.MaxValue, Age = TimeSpan.MinValue }));
        Assert.True(ledger.Apply(new LeaseProbe("payments", 1, "one", TimeSpan.MaxValue)).IsGranted);
        ledger.Apply(new Announce("one", [], TimeSpan.MaxValue));

        var next = new FleetStates(_time);
        _time.Advance(TimeSpan.FromSeconds(1));
        next.Load(ledger.TakeSnapshot() with { WrittenAt = DateTimeOffset.MinValue, Revision = long.MaxValue }, new StateAges(_time));
        Assert.True(next.TakeSnapshot().Revision > 0);
    }

    [Theory]
    [InlineData("""{"command":"change","next":{"breaker":"payments","version":1,"state":99,"mode":99,"cause":99,"reason":"r","instance":"x"}}""")]
    [InlineData("""{"command":"change","next":null}""")]
    [InlineData("""{"command":"obey"}""")]
    [InlineData("""{"command":"announce","instance":null,"tripped":[],"validFor":"00:00:01"}""")]
    [InlineData("[]")]
    public void A_command_that_makes_no_sense_is_not_obeyed(string command) =>
        Assert.Null(MessageFormat.Parse(Encoding.UTF8.GetBytes(command), MessageFormat.Default.Command, "queue", _log.CreateLogger("bus")));

    [Fact]
    public void Unknown_words_of_a_later_version_do_the_least_harm_and_its_fields_are_passed_on()
    {
        var notice = MessageFormat.Parse(
            """{"format":7,"isComplete":false,"states":[{"format":7,"breaker":"payments","version":4,"state":"Draining","mode":"Careful","cause":"Moon","reason":"r","instance":"one","colour":["red"]}]}"""u8.ToArray(),
            MessageFormat.Default.Notice,
            "queue",
            _log.CreateLogger("bus"));

        var state = Assert.Single(notice!.States);
        Assert.Equal((BreakerState.Open, null, TransitionCause.Operator), (state.State, state.Mode, state.Cause));
        Assert.Equal(TimeSpan.FromSeconds(30), state.Length);
        var written = JsonSerializer.Serialize(state, MessageFormat.Default.SharedBreakerState);
        Assert.StartsWith("""{"format":7,""", written, StringComparison.Ordinal);
        Assert.EndsWith(""","colour":["red"]}""", written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("99")]
    [InlineData("-1")]
    [InlineData("Open, HalfOpen")]
    [InlineData(" isolated")]
    public void A_number_or_a_list_is_treated_as_an_unknown_state(string word)
    {
        var state = JsonSerializer.Deserialize(
            $$"""{"breaker":"payments","version":4,"state":"{{word}}","mode":"{{word}}","cause":"{{word}}","reason":"r","instance":"one"}""", MessageFormat.Default.SharedBreakerState)!;
        Assert.Equal((BreakerState.Open, null, TransitionCause.Operator), (state.State, state.Mode, state.Cause));
    }

    [Fact]
    public void A_coordinator_passes_on_unknown_fields_of_a_later_version()
    {
        var ledger = Load($$"""{"format":7,"revision":1,"writtenAt":"2026-01-01T00:00:00Z","states":[{{Good}}],"leases":[],"members":[],"holds":[{"endpoint":"orders"}]}""");

        var written = JsonSerializer.Serialize(ledger.TakeSnapshot(), MessageFormat.Default.Snapshot);
        Assert.Contains("""holds":[{"endpoint":"orders"}]""", written, StringComparison.Ordinal);
        Assert.Contains("\"format\":7", written, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_makes_names_up_does_not_fill_the_memory()
    {
        var ledger = new FleetStates(_time);
        for (var name = 0; name < 11_000; name++)
        {
            ledger.Apply(new Change(State(1) with { Breaker = $"made-up-{name}" }));
            ledger.Apply(new Leave($"nobody-{name}"));
        }

        Assert.Equal(10_000, ledger.States.Count);
    }

    static SharedBreakerState State(long version) =>
        new()
        {
            Breaker = "payments",
            Version = version,
            State = BreakerState.Open,
            Cause = TransitionCause.Operator,
            Reason = "r",
            Instance = "one",
            Length = TimeSpan.FromSeconds(30),
            Age = TimeSpan.Zero,
        };

    FleetStates Load(string snapshot)
    {
        var ledger = new FleetStates(_time);
        ledger.Load(MessageFormat.Parse(Encoding.UTF8.GetBytes(snapshot), MessageFormat.Default.Snapshot, "queue", _log.CreateLogger("bus"))!, new StateAges(_time));
        return ledger;
    }
}
