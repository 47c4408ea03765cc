namespace Messaging.Breaker;

/// <summary>
/// How queues are watched. Set in code by <c>breakers.WatchQueues(options =&gt; ...)</c> or in configuration under <c>QueueDepth</c>, which
/// wins. Validated when the host starts, and not changed while it runs. Not thread-safe while being set.
/// </summary>
public sealed class QueueDepthOptions
{
    /// <summary>How often each queue is sampled. From 100 ms to 10 minutes; default 2 s: one passive declare a queue, on a connection of its own.</summary>
    public TimeSpan SamplingInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A sample that could not be renewed for so long, as when the broker is away, is no longer shown. At least twice
    /// <see cref="SamplingInterval"/>, at most 1 hour; default 30 s. Its alerts stay as they were.
    /// </summary>
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The rates are exponentially smoothed with this time constant. From 1 s to 1 hour; default 30 s: long enough for an even figure, short
    /// enough to follow a rush.
    /// </summary>
    public TimeSpan Smoothing { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Further queues to watch, beside those of the guarded endpoints, by name: an error queue, or one that somebody else consumes.</summary>
    public IList<string> Queues { get; } = [];

    /// <summary>
    /// The broker of all watched queues, as in <c>amqp://user:password@host:5672/vhost</c>. Default null: each guarded endpoint's queue is read
    /// where its bus connects to, and <see cref="Queues"/> where the first of them does. The password is shown nowhere.
    /// </summary>
    public string? BrokerAddress { get; set; }

    /// <summary>
    /// The management API, as in <c>http://host:15672/</c>, for what AMQP does not tell: unacknowledged messages, the rates of the whole fleet,
    /// limits set by policies, and the time of the oldest message where its publisher stamps it. Default null: not used. Without a user in
    /// the address, the one of the AMQP connection is taken; the password is shown nowhere.
    /// </summary>
    public string? ManagementAddress { get; set; }

    /// <summary>When alerts are raised, for every queue that <see cref="Overrides"/> does not say otherwise of.</summary>
    public QueueAlertRules Rules { get; } = QueueAlertRules.CreateDefault();

    /// <summary>
    /// What is different for single queues, by name without regard to case: whatever is set there takes the place of the same setting in
    /// <see cref="Rules"/>.
    /// </summary>
    public IDictionary<string, QueueAlertRules> Overrides { get; } = new Dictionary<string, QueueAlertRules>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether alerts are published on the bus, as <see cref="QueueAlertRaised"/> and <see cref="QueueAlertCleared"/>. Default false.
    /// </summary>
    public bool PublishAlerts { get; set; }

    /// <summary>Where alerts are posted; nowhere by default.</summary>
    public QueueWebhookOptions Webhook { get; } = new();

    internal QueueAlertRules RulesOf(string queue) => Overrides.TryGetValue(queue, out var own) && own is not null ? own.Over(Rules) : Rules;
}
