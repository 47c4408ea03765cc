using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.QueueDepth;

/// <summary>What this instance tells the fleet's sinks while it holds the lease. Called by one loop.</summary>
sealed class FleetAlertSender(ISharedLedger? lists, Fleet fleet, TimeProvider time)
{
    /// <summary>How long an alert found by others must be unknown here before it is over: this instance may have just started.</summary>
    static readonly TimeSpan Doubt = TimeSpan.FromMinutes(1);

    readonly FleetLease _lease = new(fleet, time);
    readonly Dictionary<string, QueueAlertRaised> _known = [];
    readonly Dictionary<string, long> _missingSince = [];
    readonly HashSet<string> _unkept = [];
    Dictionary<string, AlertTopic> _topics = [];

    /// <param name="found">The alerts that this instance finds.</param>
    /// <param name="over">The alerts that have ended since the previous step, in their final form.</param>
    /// <param name="delivery">Delivers to the sinks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether there is nothing to do until another alert is found.</returns>
    public async Task<bool> StepAsync(
        IReadOnlyDictionary<string, QueueAlertRaised> found, IReadOnlyDictionary<string, QueueAlertRaised> over, AlertDelivery delivery, CancellationToken cancellationToken)
    {
        foreach (var (key, ended) in over)
            _known[key] = ended;
        foreach (var (key, raised) in found)
            _known[key] = raised;
        if (_known.Count == 0 && _unkept.Count == 0 && !_topics.Values.Any(topic => !topic.IsOver))
            return true;
        if (await IsOurTurnAsync(cancellationToken).ConfigureAwait(false))
            Speak(found, delivery);
        // Alerts that an instance has reported as over are forgotten.
        foreach (var key in _known.Keys.Where(key => !found.ContainsKey(key) && _topics.GetValueOrDefault(key) is null or { IsOver: true }).ToList())
            _known.Remove(key);
        await KeepAsync(cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>Learns what the sinks were told, by any instance. What this instance told while the store was away takes precedence.</summary>
    async Task<bool> IsOurTurnAsync(CancellationToken cancellationToken)
    {
        if (lists is null)
            return true;
        try
        {
            var isOurs = await _lease.TryTakeAsync(cancellationToken).ConfigureAwait(false);
            if (!isOurs)
                _unkept.Clear();
            var told = await ReadAsync(cancellationToken).ConfigureAwait(false);
            foreach (var key in _unkept)
                told[key] = _topics[key];
            _topics = told;
            return isOurs;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Other instances may be cut off as well. An alert told twice is better than one told by none.
            return true;
        }
    }

    void Speak(IReadOnlyDictionary<string, QueueAlertRaised> found, AlertDelivery delivery)
    {
        foreach (var topic in _topics.Values.Where(topic => !topic.IsOver && !found.ContainsKey(topic.Key)).ToList())
            if (_known.ContainsKey(topic.Key) || HasBeenMissing(topic.Key))
                End(topic, delivery);
        foreach (var (key, raised) in found)
        {
            _missingSince.Remove(key);
            var topic = _topics.GetValueOrDefault(key);
            if (topic is { IsOver: false } && !IsWorse(raised.Alert, topic.Raised?.Alert))
                continue;
            var news = topic is { IsOver: false } ? raised with { Alert = Since(raised.Alert, topic.Raised?.Alert) } : raised;
            delivery.Raise(news);
            Keep(new AlertTopic(key, false, news));
        }
    }

    void End(AlertTopic topic, AlertDelivery delivery)
    {
        _missingSince.Remove(topic.Key);
        if ((_known.GetValueOrDefault(topic.Key) ?? topic.Raised) is { } last)
            delivery.Clear(new QueueAlertCleared(topic.Key, Environment.MachineName, Since(last.Alert, topic.Raised?.Alert), time.GetUtcNow()));
        _known.Remove(topic.Key);
        Keep(topic with { IsOver = true, Raised = null });
    }

    static bool IsWorse(QueueAlert alert, QueueAlert? told) => told is not null && (alert.Severity > told.Severity || alert.IsEscalatedSince(told));

    /// <summary>The instance that told it first may have known it for longer.</summary>
    static QueueAlert Since(QueueAlert alert, QueueAlert? told) => told is null ? alert : alert with
    {
        Since = told.Since < alert.Since ? told.Since : alert.Since,
        Outage = AlertOutage.Merge(alert.Outage, told.Outage),
    };

    bool HasBeenMissing(string key)
    {
        if (_missingSince.TryAdd(key, time.GetTimestamp()))
            return false;
        return time.GetElapsedTime(_missingSince[key]) >= Doubt;
    }

    void Keep(AlertTopic topic)
    {
        _topics[topic.Key] = topic;
        _unkept.Add(topic.Key);
    }

    /// <summary>After the sinks were told: if the instance dies in between, the alert is told twice, never not at all.</summary>
    async Task KeepAsync(CancellationToken cancellationToken)
    {
        if (lists is null)
        {
            _unkept.Clear();
            return;
        }

        try
        {
            foreach (var topic in _unkept.Select(key => _topics[key]).ToList())
            {
                await InTimeAsync(
                    async token =>
                    {
                        await lists.PutAsync(AlertTopic.List, topic.Id, topic.Write(), token).ConfigureAwait(false);
                        return true;
                    },
                    cancellationToken).ConfigureAwait(false);
                _unkept.Remove(topic.Key);
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // At the next step.
        }
    }

    async Task<Dictionary<string, AlertTopic>> ReadAsync(CancellationToken cancellationToken)
    {
        var entries = await InTimeAsync(token => lists!.ReadAsync(AlertTopic.List, token), cancellationToken).ConfigureAwait(false) ?? [];
        var topics = new Dictionary<string, AlertTopic>();
        foreach (var topic in entries.Select(entry => AlertTopic.Read(entry.Text)).OfType<AlertTopic>())
            topics[topic.Key] = topic;
        return topics;
    }

    Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        StoreCall.InTimeAsync(call, fleet.Options.StoreTimeout, time, cancellationToken);
}
