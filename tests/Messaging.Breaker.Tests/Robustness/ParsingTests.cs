using System.Text;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.RabbitMq.Sharing;
using Messaging.Breaker.Redis;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>Whatever is parsed, no unexpected exception is thrown, only what is sound is believed, and what follows works.</summary>
public class ParsingTests
{
    [Fact]
    public void A_state_is_believed_only_if_it_is_sound() => Fuzzing.Hold(seed =>
        StateFormat.Read(Corpus.Draw("states", seed)) is not { } state || (StateCheck.Problem(state) is null && state.Reason.Length <= 1_000));

    [Fact]
    public void A_message_to_an_instance_is_read_or_passed_over() => Fuzzing.Hold(seed =>
    {
        var log = new LogRecorder().CreateLogger("parsing");
        var notice = Parse("notices", seed, bytes => MessageFormat.Parse(bytes, MessageFormat.Default.Notice, "queue", log));
        var answer = Parse("answers", seed, bytes => MessageFormat.Parse(bytes, MessageFormat.Default.Answer, "queue", log));
        return (notice?.States ?? []).Concat(answer?.States ?? []).All(state => StateCheck.Problem(state) is null);
    });

    [Fact]
    public void A_coordinator_survives_any_snapshot_and_any_commands() => Fuzzing.Hold(seed =>
    {
        var (time, log) = (new FakeTimeProvider(), new LogRecorder().CreateLogger("parsing"));
        var ledger = new FleetStates(time);
        if (Parse("snapshots", seed, bytes => MessageFormat.Parse(bytes, MessageFormat.Default.Snapshot, "queue", log)) is { } snapshot)
            ledger.Load(snapshot, new StateAges(time));
        for (var command = 0; command < 10; command++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            if (Parse("commands", seed + command, bytes => MessageFormat.Parse(bytes, MessageFormat.Default.Command, "queue", log)) is { } parsed)
                ledger.Apply(parsed);
        }

        return CanBeSteered(ledger) && ledger.TakeSnapshot() is { Revision: > 0 } written && written.States.All(state => StateCheck.Problem(state) is null);
    });

    [Fact]
    public void Any_text_becomes_one_short_line_without_control_characters() => Fuzzing.Hold(seed =>
    {
        var random = new Random(seed);
        var line = OneLine.Of(Mutation.Text(random) + Mutation.Text(random), 30);
        return line.Length <= 30 && !line.Any(char.IsControl);
    });

    static bool CanBeSteered(FleetStates ledger)
    {
        var now = ledger.Apply(new Read(["steered"])).States is [var held] ? held.Version : 0;
        var next = new SharedBreakerState
        {
            Breaker = "steered",
            Version = StateCheck.After(now),
            State = BreakerState.Isolated,
            Cause = TransitionCause.Operator,
            Reason = "r",
            Instance = "one",
            Age = TimeSpan.Zero,
        };
        return ledger.Apply(new Change(next)).States is [{ State: BreakerState.Isolated }]
            && ledger.Apply(new Announce("steering", ["steered"], TimeSpan.FromSeconds(5))).Census is { Instances: > 0 };
    }

    static T? Parse<T>(string kind, int seed, Func<byte[], T?> parse) => parse(Encoding.UTF8.GetBytes(Corpus.Draw(kind, seed)));
}
