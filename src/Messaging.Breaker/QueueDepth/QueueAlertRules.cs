namespace Messaging.Breaker;

/// <summary>
/// When alerts about a queue are raised and cleared. The names of the rules are stable: depth, growth, age, loss, paused, errors, keys and
/// dependency. The rule dependency replaces the first three for all queues of a breaker that is not closed.
/// </summary>
public sealed class QueueAlertRules
{
    /// <summary>Messages that wait. Default: 1,000 for 1 minute; a warning.</summary>
    public QueueAlertRule<long> Depth { get; init; } = new();

    /// <summary>The growth of the queue in messages a second. Default: 10 for 5 minutes; a warning.</summary>
    public QueueAlertRule<double> Growth { get; init; } = new();

    /// <summary>How long the oldest message has waited, as far as that is known. Default: 5 minutes, for 30 s; a warning.</summary>
    public QueueAlertRule<TimeSpan> Age { get; init; } = new();

    /// <summary>
    /// The time until a length limit or a time to live loses messages at the current rates. Raised when it is shorter than this. Default:
    /// 30 minutes, for 10 s; critical.
    /// </summary>
    public QueueAlertRule<TimeSpan> Loss { get; init; } = new();

    /// <summary>How long a breaker or an operator has paused the endpoint, including probing. Default: 15 minutes; a warning.</summary>
    public QueueAlertRule<TimeSpan> Paused { get; init; } = new();

    /// <summary>
    /// By how many messages the endpoint's <c>_error</c> has grown within ten minutes. Default: 10, at once; a warning. Requires that the
    /// dead letters of the endpoint are offered, and that this process has seen a message go there.
    /// </summary>
    public QueueAlertRule<long> Errors { get; init; } = new();

    /// <summary>
    /// How many keys of the endpoint's split breaker are open or half-open, while the breaker of the whole is closed. Default: 1 for 1
    /// minute; a warning. There is one alert for the breaker, which names the worst five. It is sent again when it names other keys or
    /// twice as many are down, at most every five minutes.
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
