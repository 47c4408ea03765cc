namespace Messaging.Breaker.QueueDepth;

/// <summary>Everything known of one watched queue: its latest sample, its forecast, and its raised rules.</summary>
sealed class QueueWatch(string name, QueueDepthOptions options)
{
    readonly QueueCondition[] _conditions = QueueCondition.Create(options.RulesOf(name));
    readonly TimeSpan _patience = options.RulesOf(name).Depth.For ?? TimeSpan.Zero;
    DateTimeOffset? _pausedSince;
    DateTimeOffset? _closedSince;

    public string Name => name;

    public QueueForecast Forecast { get; } = new(options.Smoothing, options.StaleAfter);

    public QueueReading Reading { get; private set; } = new(name, 0, 0);

    public DateTimeOffset At { get; private set; }

    public EndpointCondition Endpoint { get; private set; } = EndpointCondition.None;

    /// <summary>The keys of the endpoint's breaker that is split; null if none is, or was.</summary>
    public KeyCondition? Keys { get; private set; }

    public QueueLimits Limits { get; private set; } = QueueLimits.None;

    /// <summary>The queue of its failed messages; null if dead letters are not available.</summary>
    public ErrorWatch? Errors { get; private set; }

    public TimeSpan? PausedFor => At - _pausedSince;

    public TimeSpan? TimeUntilExpectedLoss => Forecast.TimeUntilExpectedLoss(Limits);

    /// <summary>
    /// The breaker that alerts are attributed to. A backlog that an outage left belongs to the outage as long as it shrinks; otherwise it is
    /// the queue's own.
    /// </summary>
    public string? Dependency { get; private set; }

    /// <summary>
    /// The work to scale workers by. It stays constant while workers could do nothing: scaling out against a dead dependency only adds load to
    /// it. Null until it is known.
    /// </summary>
    public long? Demand { get; private set; }

    public IEnumerable<QueueCondition> Raised => _conditions.Where(condition => condition.IsRaised);

    public void Observe(QueueReading reading, EndpointCondition endpoint, QueueLimits limits, DateTimeOffset at)
    {
        (Reading, Endpoint, At) = (reading, endpoint, at);
        Limits = limits.And(reading.Limits);
        Keys = endpoint.Keys ?? (Keys is { } last ? last with { Summary = last.Summary with { Open = 0, HalfOpen = 0 }, Worst = [] } : null);
        Forecast.Observe(reading, endpoint.ActivityWith(reading.Consumers), endpoint.Handled, at);
        _pausedSince = endpoint.IsPaused ? _pausedSince ?? at : null;
        if (!endpoint.IsPaused)
            Demand = reading.Ready + (reading.Unacknowledged ?? 0);
        foreach (var condition in _conditions)
            condition.Observe(this, at);
        Dependency = Attribute(endpoint.Cause?.Breaker, at);
    }

    /// <summary>Call this before <see cref="Observe"/>.</summary>
    /// <param name="errors">The queue of failed messages.</param>
    /// <param name="waiting">How many messages wait there.</param>
    /// <param name="known">What this process knows of it.</param>
    /// <param name="endpoint">What is known of the endpoint.</param>
    /// <param name="at">The time of the sample.</param>
    public void ObserveErrors(string errors, long waiting, IErrorQueues known, EndpointCondition endpoint, DateTimeOffset at)
    {
        if (Errors?.Queue != errors)
            Errors = new ErrorWatch(errors);
        Errors.Observe(waiting, known.CountOf(name), known.LargestOf(name), endpoint.Cause, at);
    }

    public QueueSnapshot ToSnapshot(IReadOnlyList<QueueAlert> alerts) => new()
    {
        Queue = name,
        Breakers = Endpoint.Breakers,
        At = At,
        Ready = Reading.Ready,
        Unacknowledged = Reading.Unacknowledged,
        Consumers = Reading.Consumers,
        ArrivalRate = Forecast.ArrivalRate,
        ServiceRate = Forecast.ServiceRate,
        TimeUntilDrained = Forecast.TimeUntilDrained,
        TimeUntilLoss = Forecast.TimeUntilLoss(Limits),
        Alerts = alerts,
        DeadLetters = Errors?.Waiting,
    };

    string? Attribute(string? refusing, DateTimeOffset at)
    {
        if (refusing is not null)
        {
            _closedSince = null;
            return refusing;
        }

        if (Dependency is null)
            return null;
        _closedSince ??= at;
        var isOver = !Raised.Any(condition => !AlertRule.IsApart(condition.Rule)) || (at - _closedSince >= _patience && !(Forecast.Growth < 0));
        return isOver ? null : Dependency;
    }
}
