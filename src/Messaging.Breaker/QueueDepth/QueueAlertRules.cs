namespace Messaging.Breaker;

/// <summary>
/// When alerts about a queue are raised and cleared. The names of the rules are stable: depth, growth, age, loss, paused, errors, keys;
/// and dependency, which takes the place of the first three for all queues behind a breaker that is not closed.
/// </summary>
public sealed class QueueAlertRules
{
    /// <summary>Messages that wait. Default: 1,000 for 1 minute; a warning.</summary>
    public QueueAlertRule<long> Depth { get; init; } = new();

    /// <summary>By how many messages a second the queue grows. Default: 10 for 5 minutes; a warning.</summary>
    public QueueAlertRule<double> Growth { get; init; } = new();

    /// <summary>How long the oldest message has waited, as far as it can be told. Default: 5 minutes, for 30 s; a warning.</summary>
    public QueueAlertRule<TimeSpan> Age { get; init; } = new();

    /// <summary>
    /// The time until a length limit or a time to live loses messages at the present rates; raised when it is shorter. Default: 30 minutes, for
    /// 10 s; critical.
    /// </summary>
    public QueueAlertRule<TimeSpan> Loss { get; init; } = new();

    /// <summary>How long the endpoint has been paused, probing included, by a breaker or an operator. Default: 15 minutes; a warning.</summary>
    public QueueAlertRule<TimeSpan> Paused { get; init; } = new();

    /// <summary>
    /// By how many messages the endpoint's <c>_error</c> has grown within ten minutes. Default: 10, at once; a warning. Only where its dead letters are
    /// offered, and this process has seen a message go there.
    /// </summary>
    public QueueAlertRule<long> Errors { get; init; } = new();

    /// <summary>
    /// How many keys of the endpoint's partitioned breaker are open or half-open, while the breaker of the whole is closed. Default: 1 for 1 minute; a warning.
    /// One alert for the breaker, which names the worst five, and is told again when these are others or twice as many are down, every five minutes at most.
    /// </summary>
    public QueueAlertRule<long> Keys { get; init; } = new();

    internal static QueueAlertRules CreateDefault() => new()
    {
        Depth = Rule(1_000L, TimeSpan.FromMinutes(1)),
        Growth = Rule(10.0, TimeSpan.FromMinutes(5)),
        Age = Rule(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(30)),
        Loss = Rule(TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(10), AlertSeverity.Critical),
        Paused = Rule(TimeSpan.FromMinutes(15), TimeSpan.Zero),
        Errors = Rule(10L, TimeSpan.Zero),
        Keys = Rule(1L, TimeSpan.FromMinutes(1)),
    };

    internal QueueAlertRules Over(QueueAlertRules general) => new()
    {
        Depth = Depth.Over(general.Depth),
        Growth = Growth.Over(general.Growth),
        Age = Age.Over(general.Age),
        Loss = Loss.Over(general.Loss),
        Paused = Paused.Over(general.Paused),
        Errors = Errors.Over(general.Errors),
        Keys = Keys.Over(general.Keys),
    };

    static QueueAlertRule<T> Rule<T>(T raise, TimeSpan duration, AlertSeverity severity = AlertSeverity.Warning) where T : struct => new()
    {
        IsEnabled = true,
        Raise = raise,
        For = duration,
        ClearFor = TimeSpan.FromMinutes(1),
        Severity = severity,
    };
}
