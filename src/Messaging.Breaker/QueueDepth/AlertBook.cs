namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// The alerts that are raised. A dependency that is down is one alert, however many queues wait behind it; what a queue does while its breakers
/// are closed is its own.
/// </summary>
sealed class AlertBook(string instance)
{
    readonly Dictionary<(string Rule, string Subject), QueueAlert> _alerts = [];
    readonly Dictionary<(string Rule, string Subject), KeyNews> _told = [];

    public IReadOnlyCollection<QueueAlert> Alerts => _alerts.Values;

    /// <summary>All of them by their keys, as they would be told now.</summary>
    public IReadOnlyDictionary<string, QueueAlertRaised> Raised =>
        _alerts.ToDictionary(alert => Text(alert.Key), alert => new QueueAlertRaised(Text(alert.Key), instance, alert.Value));

    /// <summary>What has been raised and cleared since the last time.</summary>
    public (List<QueueAlertRaised> Raised, List<QueueAlertCleared> Cleared) Update(
        IReadOnlyCollection<QueueWatch> queues, Func<string, BreakerState?> stateOf, DateTimeOffset now)
    {
        var due = queues
            .SelectMany(queue => queue.Raised.Select(condition => (Queue: queue, Condition: condition, Key: KeyOf(queue, condition))))
            .GroupBy(item => item.Key, item => (item.Queue, item.Condition))
            .ToDictionary(group => group.Key, group => group.ToList());
        var cleared = new List<QueueAlertCleared>();
        foreach (var (key, alert) in _alerts.Where(alert => !due.ContainsKey(alert.Key)).ToList())
        {
            _alerts.Remove(key);
            _told.Remove(key);
            cleared.Add(new QueueAlertCleared(Text(key), instance, alert, now));
        }

        var raised = new List<QueueAlertRaised>();
        foreach (var (key, causes) in due)
        {
            var known = _alerts.GetValueOrDefault(key);
            var alert = _alerts[key] = Describe(key, causes, queues, stateOf, known?.Since ?? now);
            if (known is not null && alert.Severity <= known.Severity && !_told[key].IsOldAgainst(alert, now))
                continue;
            _told[key] = KeyNews.Of(alert, now);
            raised.Add(new QueueAlertRaised(Text(key), instance, alert));
        }

        return (raised, cleared);
    }

    static (string Rule, string Subject) KeyOf(QueueWatch queue, QueueCondition condition)
    {
        if (condition.Rule == AlertRule.Keys && queue.Keys is { } keys)
            return (condition.Rule, $"breaker:{keys.Breaker}");
        return !AlertRule.IsApart(condition.Rule) && queue.Dependency is { } breaker
            ? (AlertRule.IsOfBacklog(condition.Rule) ? AlertRule.Dependency : condition.Rule, $"breaker:{breaker}")
            : (condition.Rule, $"queue:{queue.Name}");
    }

    static string Text((string Rule, string Subject) key) => $"{key.Rule}/{key.Subject}";

    static QueueAlert Describe(
        (string Rule, string Subject) key,
        List<(QueueWatch Queue, QueueCondition Condition)> causes,
        IReadOnlyCollection<QueueWatch> all,
        Func<string, BreakerState?> stateOf,
        DateTimeOffset since)
    {
        if (key.Rule == AlertRule.Errors)
            return DescribeErrors(causes[0].Queue, causes[0].Condition.Severity, stateOf, since);
        if (causes[0] is { Condition.Rule: AlertRule.Keys, Queue.Keys: { } keys })
            return DescribeKeys(keys, causes, stateOf, since);
        var breaker = causes[0].Queue.Dependency;
        // Whoever is told of a dependency wants to know of all that waits for it, not only of the queues that are long already.
        var queues = breaker is null
            ? [causes[0].Queue]
            : all.Where(queue => queue.Dependency == breaker && (queue.Reading.Ready > 0 || causes.Exists(cause => cause.Queue == queue))).ToList();
        var state = breaker is null ? null : stateOf(breaker);
        return new QueueAlert(
            key.Rule,
            causes.Max(cause => cause.Condition.Severity),
            [.. queues.Select(queue => queue.Name).Order(StringComparer.Ordinal)],
            breaker,
            state,
            AlertText.Of(key.Rule, queues, breaker, state),
            since);
    }

    static QueueAlert DescribeKeys(
        KeyCondition keys, List<(QueueWatch Queue, QueueCondition Condition)> causes, Func<string, BreakerState?> stateOf, DateTimeOffset since) => new(
        AlertRule.Keys,
        causes.Max(cause => cause.Condition.Severity),
        [.. causes.Select(cause => cause.Queue.Name).Order(StringComparer.Ordinal)],
        keys.Breaker,
        stateOf(keys.Breaker),
        AlertText.OfKeys(keys, causes[0].Queue.At),
        since)
        {
            Keys = [.. keys.Worst.Select(key => key.Key)],
            MoreKeys = Math.Max(0, keys.Down - keys.Worst.Count),
        };

    /// <summary>Each queue has its own: what fails in it does so whether or not a dependency is down, and a breaker only explains it.</summary>
    static QueueAlert DescribeErrors(QueueWatch queue, AlertSeverity severity, Func<string, BreakerState?> stateOf, DateTimeOffset since)
    {
        var open = queue.Errors?.Open(queue.At);
        return new QueueAlert(
            AlertRule.Errors, severity, [queue.Name], open?.Breaker, open is { } cause ? stateOf(cause.Breaker) : null, AlertText.OfErrors(queue.Errors!, open), since);
    }
}
