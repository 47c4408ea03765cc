using Messaging.Breaker.QueueDepth;

namespace Messaging.Breaker;

/// <summary>
/// An alert was raised, its severity has risen, or it names other keys. This is also the message that is published on the bus, and the body
/// of the webhook.
/// </summary>
/// <param name="Key">
/// Identifies the alert: the rule, and the breaker or queue. The same each time it is raised and cleared, on every instance.
/// </param>
/// <param name="Instance">The machine that raised it.</param>
/// <param name="Alert">The alert.</param>
public sealed record QueueAlertRaised(string Key, string Instance, QueueAlert Alert);

/// <summary>An alert was cleared. This is also the message that is published on the bus, and the body of the webhook.</summary>
/// <param name="Key">The key with which it was raised.</param>
/// <param name="Instance">The machine that cleared it.</param>
/// <param name="Alert">The last version of the alert.</param>
/// <param name="At">When it was cleared (UTC).</param>
public sealed record QueueAlertCleared(string Key, string Instance, QueueAlert Alert, DateTimeOffset At)
{
    /// <summary>How long the alert was raised.</summary>
    public TimeSpan Lasted => At > Alert.Since ? At - Alert.Since : TimeSpan.Zero;

    /// <summary>
    /// For the operator on call: how long the alert lasted and, for a breaker, what the outage cost. The figures are those of
    /// <see cref="QueueAlert.Outage"/>.
    /// </summary>
    public string Message => AlertText.OfEnd(this);
}
