using Messaging.Breaker.Outages;

namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// The raised alerts. A dependency that is down is one alert, however many queues wait behind it. A queue whose breakers are closed has its own
/// alert.
/// </summary>
sealed class ActiveAlerts(string instance, Func<string, OngoingOutage?>? outageOf = null, DependencyEscalation? escalation = null)
{
    readonly AlertOutages _outages = new(outageOf, escalation);
    readonly Dictionary<(string Rule, string Subject), QueueAlert> _alerts = [];
    readonly Dictionary<(string Rule, string Subject), KeyNews> _told = [];

    public IReadOnlyCollection<QueueAlert> Alerts => _alerts.Values;

    /// <summary>All of them by key, with their current text.</summary>
    public IReadOnlyDictionary<string, QueueAlertRaised> Raised =>
        _alerts.ToDictionary(alert => Text(alert.Key), alert => new QueueAlertRaised(Text(alert.Key), instance, alert.Value));

    /// <summary>What has been raised and cleared since the previous call.</summary>
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
            // With the final figures: the breaker may have closed since the previous call.
            var outage = _outages.Look(key, alert.Breaker, null, alert.Since, now) ?? alert.Outage;
            _outages.Forget(key);
            cleared.Add(new QueueAlertCleared(Text(key), instance, alert with { Outage = outage }, now));
        }

        var raised = new List<QueueAlertRaised>();
        foreach (var (key, causes) in due)
        {
            var known = _alerts.GetValueOrDefault(key);
            var alert = _alerts[key] = Escalate(key, Describe(key, causes, queues, stateOf, known?.Since ?? now), now);
            if (known is not null && alert.Severity <= known.Severity && !alert.IsEscalatedSince(known) && !_told[key].IsOldAgainst(alert, now))
                continue;
            _told[key] = KeyNews.Of(alert, now);
            raised.Add(new QueueAlertRaised(Text(key), instance, alert));
        }

        return (raised, cleared);
    }

    /// <summary>An outage that lasts this long needs attention now.</summary>
    QueueAlert Escalate((string Rule, string Subject) key, QueueAlert alert, DateTimeOffset now)
    {
        if (_outages.Look(key, alert.Breaker, alert.BreakerState, alert.Since, now) is not { } outage)
            return alert;
        return !outage.IsEscalated ? alert with { Outage = outage } : alert with
        {
            Outage = outage,
            Severity = AlertSeverity.Critical,
            Message = $"{alert.Message} {AlertText.OfEscalation(outage, now)}",
        };
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
        // An alert about a dependency lists all the queues that wait for it, not only those that are already long.
        var queues = breaker is null
            ? [causes[0].Queue]
            : all.Where(queue => queue.Dependency == breaker && (queue.Reading.Ready > 0 || causes.Exists(cause => cause.Queue == queue))).ToList();
        var state = breaker is null ? null : stateOf(breaker);
        return new QueueAlert
        {
            Rule = key.Rule,
            Severity = causes.Max(cause => cause.Condition.Severity),
            Queues = [.. queues.Select(queue => queue.Name).Order(StringComparer.Ordinal)],
            Breaker = breaker,
            BreakerState = state,
            Message = AlertText.Of(key.Rule, queues, breaker, state),
            Since = since,
        };
    }

    static QueueAlert DescribeKeys(
        KeyCondition keys, List<(QueueWatch Queue, QueueCondition Condition)> causes, Func<string, BreakerState?> stateOf, DateTimeOffset since) => new()
        {
            Rule = AlertRule.Keys,
            Severity = causes.Max(cause => cause.Condition.Severity),
            Queues = [.. causes.Select(cause => cause.Queue.Name).Order(StringComparer.Ordinal)],
            Breaker = keys.Breaker,
            BreakerState = stateOf(keys.Breaker),
            Message = AlertText.OfKeys(keys, causes[0].Queue.At),
            Since = since,
            Keys = [.. keys.Worst.Select(key => key.Key)],
            MoreKeys = Math.Max(0, keys.Down - keys.Worst.Count),
        };

    /// <summary>Each queue has its own alert: its messages fail whether or not a dependency is down, and a breaker is only mentioned.</summary>
    static QueueAlert DescribeErrors(QueueWatch queue, AlertSeverity severity, Func<string, BreakerState?> stateOf, DateTimeOffset since)
    {
        var open = queue.Errors?.Open(queue.At);
        return new QueueAlert
        {
            Rule = AlertRule.Errors,
            Severity = severity,
            Queues = [queue.Name],
            Breaker = open?.Breaker,
            BreakerState = open is { } cause ? stateOf(cause.Breaker) : null,
            Message = AlertText.OfErrors(queue.Errors!, open),
            Since = since,
        };
    }
}
