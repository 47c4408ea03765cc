namespace Messaging.Breaker.QueueDepth;

/// <summary>One rule applied to one queue.</summary>
sealed class QueueCondition
{
    const double Distance = 0.8;

    readonly Hysteresis? _hysteresis;
    readonly Func<QueueWatch, double?> _figure;

    QueueCondition(string rule, AlertSeverity severity, Func<QueueWatch, double?> figure, Hysteresis? hysteresis) =>
        (Rule, Severity, _figure, _hysteresis) = (rule, severity, figure, hysteresis);

    public string Rule { get; }

    public AlertSeverity Severity { get; }

    public bool IsRaised => _hysteresis is { IsRaised: true };

    public static QueueCondition[] Create(QueueAlertRules rules) =>
    [
        Create(AlertRule.Depth, rules.Depth, depth => depth, queue => queue.Reading.Ready),
        Create(AlertRule.Growth, rules.Growth, growth => growth, queue => queue.Forecast.Growth),
        Create(AlertRule.Age, rules.Age, age => age.TotalSeconds, queue => queue.Forecast.Age.TotalSeconds),
        // Less time left is worse. Negated, the higher figure is again the worse one.
        Create(AlertRule.Loss, rules.Loss, left => -left.TotalSeconds, queue => -queue.TimeUntilExpectedLoss?.TotalSeconds),
        Create(AlertRule.Paused, rules.Paused, pause => pause.TotalSeconds, queue => queue.PausedFor?.TotalSeconds),
        Create(AlertRule.Errors, rules.Errors, errors => errors, queue => queue.Errors?.Growth),
        Create(AlertRule.Keys, rules.Keys, keys => keys, queue => queue.Keys?.Down),
    ];

    public void Observe(QueueWatch queue, DateTimeOffset now) => _hysteresis?.Observe(_figure(queue), now);

    static QueueCondition Create<T>(string name, QueueAlertRule<T> rule, Func<T, double> measure, Func<QueueWatch, double?> figure)
        where T : struct
    {
        var hysteresis = rule is { IsEnabled: true, Raise: { } threshold } ? Watch(measure(threshold)) : null;
        return new QueueCondition(name, rule.Severity ?? AlertSeverity.Warning, figure, hysteresis);

        Hysteresis Watch(double raise) => new(
            raise,
            rule.Clear is { } clear ? measure(clear) : raise > 0 ? raise * Distance : raise / Distance,
            rule.For ?? TimeSpan.Zero,
            rule.ClearFor ?? TimeSpan.Zero);
    }
}
