namespace Messaging.Breaker;

/// <summary>
/// How queues are watched. Set in code with <c>breakers.WatchQueues(options =&gt; ...)</c>, or in configuration under <c>QueueDepth</c>,
/// which wins. Validated when the host starts, and fixed while it runs. Not thread-safe while being set.
/// </summary>
public sealed class QueueDepthOptions
{
    /// <summary>
    /// How often each queue is sampled. From 100 ms to 10 minutes; default 2 s. A sample is one passive declare for each queue, on a
    /// separate connection.
    /// </summary>
    public TimeSpan SamplingInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A sample older than this is no longer shown, for example while the broker is away. At least twice <see cref="SamplingInterval"/>, at
    /// most 1 hour; default 30 s. The alerts of the queue stay as they were.
    /// </summary>
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time constant of the exponential smoothing of rates. From 1 s to 1 hour; default 30 s: long enough for a steady figure, short
    /// enough to follow a rush.
    /// </summary>
    public TimeSpan Smoothing { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Names of further queues to watch besides those of the guarded endpoints, for example an error queue, or a queue that another
    /// application consumes.
    /// </summary>
    public IList<string> Queues { get; } = [];

    /// <summary>
    /// The broker of all watched queues, as in <c>amqp://user:password@host:5672/vhost</c>. Default null: each guarded endpoint's queue is
    /// read from the broker of its bus, and <see cref="Queues"/> from the broker of the first. The password is never shown.
    /// </summary>
    public string? BrokerAddress { get; set; }

    /// <summary>
    /// The management API, as in <c>http://host:15672/</c>, for what AMQP does not report: unacknowledged messages, the rates of the whole
    /// fleet, limits set by policies, and the time of the oldest message if its publisher stamps it. Default null: not used. If the address
    /// has no user, the user of the AMQP connection is used. The password is never shown.
    /// </summary>
    public string? ManagementAddress { get; set; }

    /// <summary>When alerts are raised for each queue, unless <see cref="Overrides"/> has other settings for it.</summary>
    public QueueAlertRules Rules { get; } = QueueAlertRules.CreateDefault();

    /// <summary>
    /// Settings for single queues, by name, not case-sensitive. Each one replaces the same setting in <see cref="Rules"/>.
    /// </summary>
    public IDictionary<string, QueueAlertRules> Overrides { get; } = new Dictionary<string, QueueAlertRules>(StringComparer.OrdinalIgnoreCase);

    /// <summary>When the alert about a dependency rises to critical.</summary>
    public DependencyEscalation Escalation { get; } = new();

    /// <summary>
    /// Whether alerts are published on the bus, as <see cref="QueueAlertRaised"/> and <see cref="QueueAlertCleared"/>. Default false.
    /// </summary>
    public bool PublishAlerts { get; set; }

    /// <summary>Where alerts are posted; by default nowhere.</summary>
    public QueueWebhookOptions Webhook { get; } = new();

    internal QueueAlertRules RulesOf(string queue) => Overrides.TryGetValue(queue, out var own) && own is not null ? own.Over(Rules) : Rules;
}
