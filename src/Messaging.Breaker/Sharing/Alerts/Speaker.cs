using Messaging.Breaker.QueueDepth;

namespace Messaging.Breaker.Sharing.Alerts;

/// <summary>What this instance tells the sinks of the fleet, while it is its turn. Called by one loop.</summary>
sealed class Speaker(ISharedLedger? lists, Fleet fleet, TimeProvider time)
{
    /// <summary>How long an alert that others have found must be unknown here until it is over: this instance may have just started.</summary>
    static readonly TimeSpan Doubt = TimeSpan.FromMinutes(1);

    readonly SpeakerLease _lease = new(fleet, time);
    readonly Dictionary<string, QueueAlertRaised> _known = [];
    readonly Dictionary<string, long> _missingSince = [];
    readonly HashSet<string> _unkept = [];
    Dictionary<string, AlertTopic> _topics = [];

    /// <returns>Whether there is nothing to do until something is found.</returns>
    public async Task<bool> StepAsync(IReadOnlyDictionary<string, QueueAlertRaised> found, AlertDelivery delivery, CancellationToken cancellationToken)
    {
        foreach (var (key, raised) in found)
            _known[key] = raised;
        if (_known.Count == 0 && _unkept.Count == 0 && !_topics.Values.Any(topic => !topic.IsOver))
            return true;
        if (await IsOurTurnAsync(cancellationToken).ConfigureAwait(false))
            Speak(found, delivery);
        // What is over by the word of whoever spoke is forgotten.
        foreach (var key in _known.Keys.Where(key => !found.ContainsKey(key) && _topics.GetValueOrDefault(key) is null or { IsOver: true }).ToList())
            _known.Remove(key);
        await KeepAsync(cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>Learns what has been told, by whomever; what this instance told while the store was away it knows best.</summary>
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
            // Others may be cut off as well: what is told twice is better than what nobody tells.
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
            if (topic is { IsOver: false } && !(topic.Raised?.Alert.Severity < raised.Alert.Severity))
                continue;
            delivery.Raise(raised);
            Keep(new AlertTopic(key, false, raised));
        }
    }

    void End(AlertTopic topic, AlertDelivery delivery)
    {
        _missingSince.Remove(topic.Key);
        if ((_known.GetValueOrDefault(topic.Key) ?? topic.Raised) is { } last)
            delivery.Clear(new QueueAlertCleared(topic.Key, Environment.MachineName, last.Alert, time.GetUtcNow()));
        _known.Remove(topic.Key);
        Keep(topic with { IsOver = true, Raised = null });
    }

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

    /// <summary>After the sinks were told: who dies in between has it told twice, never not at all.</summary>
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
            // With the next step.
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
