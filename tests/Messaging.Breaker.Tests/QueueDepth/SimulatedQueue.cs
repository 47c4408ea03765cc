using Messaging.Breaker.QueueDepth;

namespace Messaging.Breaker.Tests.QueueDepth;

/// <summary>A queue that fills and empties at given rates while it is watched.</summary>
sealed class SimulatedQueue(string name = "orders", QueueDepthOptions? options = null, string breaker = "payments")
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    double _ready;
    double _handled;

    public QueueWatch Watch { get; } = new(name, options ?? new QueueDepthOptions());

    public QueueForecast Forecast => Watch.Forecast;

    public DateTimeOffset Now { get; private set; } = Start;

    public double Arrival { get; set; }

    public double Capacity { get; set; } = 100;

    /// <summary>How many instances share the messages; ours handles an equal share.</summary>
    public int Instances { get; set; } = 1;

    public BreakerState Breaker { get; set; } = BreakerState.Closed;

    public string? Hold { get; set; }

    /// <summary>The keys by which its breaker is split.</summary>
    public KeyCondition? Keys { get; set; }

    public QueueLimits Limits { get; set; } = QueueLimits.None;

    public double Ready
    {
        get => _ready;
        set => _ready = value;
    }

    bool IsRunning => Breaker == BreakerState.Closed && Hold is null;

    public void Sample()
    {
        var cause = Breaker == BreakerState.Closed ? (DependencyState?)null : new DependencyState(breaker, Breaker, "ten failures in a row");
        Watch.Observe(
            new QueueReading(name, (long)_ready, IsRunning ? Instances : 0),
            new EndpointCondition(IsRunning ? EndpointState.Running : EndpointState.Paused, (long)(_handled / Instances), [breaker], cause, Hold) { Keys = Keys },
            Limits,
            Now);
    }

    public void Run(TimeSpan duration)
    {
        for (var until = Now + duration; Now < until;)
            Advance();
    }

    public TimeSpan RunUntilEmpty()
    {
        var from = Now;
        while (_ready >= 1)
            Advance();
        return Now - from;
    }

    void Advance()
    {
        Now += Step;
        _ready += Arrival * Step.TotalSeconds;
        if (IsRunning)
        {
            var handled = Math.Min(_ready, Capacity * Step.TotalSeconds);
            _ready -= handled;
            _handled += handled;
        }

        Sample();
    }
}
